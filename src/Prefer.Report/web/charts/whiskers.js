// A value with its interval a row, and an upright rule at what chance would get.
// { x, bounds, level, rows: [{ name, value, low, high }] }: an interval that reaches past the bounds is drawn up to them.
import { axisY, dot, pointerY, ruleX, ruleY, tip } from "@observablehq/plot";
import { colours, frame, short, ticks } from "./frame.js";

const rowHeight = 26;

export function whiskers(chart, width) {
  const [least, most] = chart.bounds;
  const rows = chart.rows.map(row => ({ ...row, from: row.low === null ? null : Math.max(row.low, least), to: row.high === null ? null : Math.min(row.high, most) }));
  const longest = Math.max(...rows.map(row => row.name.length));
  const marginLeft = Math.min(Math.round(width * 0.4), 24 + longest * 7);
  const shown = name => (name.length * 7 + 16 > marginLeft ? `${name.slice(0, Math.max(1, Math.floor((marginLeft - 24) / 7)))}…` : name);
  return frame(width, rows.length * rowHeight + 64, {
    marginLeft,
    x: { label: chart.x, labelAnchor: "center", labelArrow: "none", grid: true, ticks: ticks(width) },
    y: { domain: rows.map(row => row.name), label: null },
    marks: [
      axisY({ label: null, tickSize: 0, tickFormat: shown }),
      chart.level === undefined ? null : ruleX([chart.level], { stroke: colours.quiet, strokeDasharray: "4,3" }),
      ruleY(rows.filter(row => row.low !== null), { y: "name", x1: "from", x2: "to", stroke: colours.first, strokeWidth: 2 }),
      dot(rows.filter(row => row.value !== null), { x: "value", y: "name", r: 4, fill: colours.first, stroke: "var(--paper)", className: "points" }),
      tip(rows.filter(row => row.value !== null), pointerY({ x: "value", y: "name", title: row => `${row.name}\n${short(row.value)}${row.low === null ? "" : ` (${short(row.low)} to ${short(row.high)})`}` })),
    ],
  });
}
