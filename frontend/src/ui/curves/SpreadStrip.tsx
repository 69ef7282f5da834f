import classes from "./curves.module.css";

export interface Mark {
  key: string;
  label: string;
  value: number;
  shape: "dot" | "diamond";
  /** At most two characters inside a dot. */
  short?: string;
}

interface SpreadStripProps {
  title: string;
  marks: readonly Mark[];
  /** A span behind the marks: the share of random runs, for instance. */
  band?: { low: number; high: number; label: string };
  format: (value: number) => string;
}

/** Values on one line, to see at a glance how far apart they lie and on which side of nought. */
export function SpreadStrip({ title, marks, band, format }: SpreadStripProps) {
  const values = [0, ...marks.map((mark) => mark.value), ...(band ? [band.low, band.high] : [])];
  const low = Math.min(...values);
  const room = Math.max(...values) - low || 1;
  const at = (value: number) => `${4 + ((value - low) / room) * 92}%`;
  const told = marks.map((mark) => `${mark.label} ${format(mark.value)}`).join(", ");
  return (
    <div
      className={`${classes.frame} ${classes.strip}`}
      role="img"
      aria-label={`${title}: ${told}.${band ? ` ${band.label}: ${format(band.low)} to ${format(band.high)}.` : ""}`}
    >
      <div className={classes.stripTrack}>
        {band && (
          <span
            className={classes.stripBand}
            style={{ left: at(band.low), width: `calc(${at(band.high)} - ${at(band.low)})` }}
            title={`${band.label}: ${format(band.low)} to ${format(band.high)}`}
          />
        )}
        <span className={classes.stripNought} style={{ left: at(0) }}>
          <i>{format(0)}</i>
        </span>
        {marks.map((mark) => (
          <span
            key={mark.key}
            className={`${classes.stripMark} ${classes[mark.shape]}`}
            style={{ left: at(mark.value) }}
            title={`${mark.label}: ${format(mark.value)}`}
          >
            {mark.short}
          </span>
        ))}
      </div>
    </div>
  );
}
