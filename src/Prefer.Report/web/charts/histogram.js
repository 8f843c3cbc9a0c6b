// Counts of values that fall between bounds; those left of `level` in the second colour.
// { x, y, level, bins: [{ low, high, count }] }
import { pointerX, rectY, ruleX, ruleY, tip } from "@observablehq/plot";
import { colours, frame, short, ticks } from "./frame.js";

export function histogram(chart, width) {
  const middle = bin => (bin.low + bin.high) / 2;
  return frame(width, Math.min(300, Math.max(200, width * 0.4)), {
    x: { label: chart.x, labelAnchor: "center", labelArrow: "none", ticks: ticks(width) },
    y: { label: chart.y, labelArrow: "none", grid: true, ticks: 5, zero: true },
    marks: [
      rectY(chart.bins, { x1: "low", x2: "high", y: "count", fill: bin => (chart.level !== undefined && middle(bin) < chart.level ? colours.second : colours.first), fillOpacity: 0.75, inset: 0.5, className: "bars" }),
      ruleY([0]),
      chart.level === undefined ? null : ruleX([chart.level], { stroke: "currentColor", strokeDasharray: "4,3" }),
      tip(chart.bins, pointerX({ x: middle, y: "count", title: bin => `${short(bin.low)} to ${short(bin.high)}\n${bin.count}` })),
    ],
  });
}
