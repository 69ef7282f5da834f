"""Indicators as pure functions of arrays, oldest value first; the first rows, not yet full, are NaN.

All have a finite memory: row t depends on a fixed number of rows up to t and on nothing before or after.
Sums run in one fixed order, so that a window gives bit for bit the values that the whole history gave.
"""
