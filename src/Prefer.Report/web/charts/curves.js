// Lines over a common axis, with a band where values have intervals, and upright rules with a word for what happened at a place.
// { x, y, logX, zero, series: [{ name, colour, dashed, dots, points: [[x, y, low?, high?]] }], rules: [{ x, label }], level }
import { areaY, dot, lineY, pointerX, ruleX, ruleY, text, tip } from "@observablehq/plot";
import { colours, frame, short, ticks } from "./frame.js";

export function curves(chart, width) {
  const marks = [];
  if (chart.level !== undefined) marks.push(ruleY([chart.level], { stroke: colours.quiet, strokeDasharray: "2,3" }));
  marks.push(ruleX(chart.rules, { x: "x", stroke: "currentColor", strokeOpacity: 0.55, strokeDasharray: "4,3" }));
  for (const series of chart.series) {
    const stroke = colours[series.colour];
    const points = series.points.map(([x, y, low, high]) => ({ x, y, low, high }));
    if (points.some(point => point.low !== undefined && point.low !== null)) {
      marks.push(areaY(points, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.15 }));
    }
    marks.push(lineY(points, { x: "x", y: "y", stroke, strokeWidth: 1.75, strokeDasharray: series.dashed ? "6,3" : undefined }));
    if (series.dots) marks.push(dot(points, { x: "x", y: "y", r: 3, fill: stroke, stroke: "var(--paper)", className: "points" }));
  }
  marks.push(text(chart.rules, { x: "x", text: "label", frameAnchor: "top", dy: (-14), lineAnchor: "bottom", textAnchor: anchor(chart), fill: "currentColor" }));
  const all = chart.series.flatMap(series => series.points.map(([x, y]) => ({ x, y, name: series.name })));
  marks.push(tip(all, pointerX({ x: "x", y: "y", title: point => `${point.name}\n${chart.x} ${short(point.x)}\n${chart.y} ${short(point.y)}` })));
  return frame(width, Math.min(320, Math.max(220, width * 0.45)), {
    marginTop: chart.rules.length > 0 ? 44 : 26,
    x: { label: chart.x, labelAnchor: "center", labelArrow: "none", ...(chart.logX ? { type: "log", ticks: doublings(all), tickFormat: value => String(value) } : { ticks: ticks(width) }) },
    y: { label: chart.y, labelArrow: "none", grid: true, zero: chart.zero, nice: true, ticks: 6 },
    marks,
  });
}

const doublings = points => [...new Set(points.map(point => point.x))].filter(x => Number.isInteger(Math.log2(x)));

// A word at the right edge ends at its rule instead of beginning there.
function anchor(chart) {
  const xs = chart.series.flatMap(series => series.points.map(([x]) => x));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  return rule => (rule.x - low > (high - low) * 0.6 ? "end" : "start");
}
