"""What the desk's one socket is made of; `mtquant_site.consumers` puts it together."""
