// How often the verdict was right against how sure it was; on the diagonal both agree. The area of a dot is its share of the pairs.
// { x, y, domain, bins: [{ confidence, accuracy, low, high, count }] }
import { dot, line, pointer, ruleX, tip } from "@observablehq/plot";
import { colours, frame, short } from "./frame.js";

export function reliability(chart, width) {
  const side = Math.min(width, 440);
  const most = Math.max(...chart.bins.map(bin => bin.count));
  return frame(side, side, {
    x: { label: chart.x, labelAnchor: "center", labelArrow: "none", domain: chart.domain, grid: true, ticks: 5 },
    y: { label: chart.y, labelArrow: "none", domain: [0, 1], grid: true, ticks: 5 },
    marks: [
      line([chart.domain, chart.domain].map(([low, high], index) => (index === 0 ? [low, low] : [high, high])), { stroke: colours.quiet, strokeDasharray: "4,3" }),
      ruleX(chart.bins.filter(bin => bin.low !== null), { x: "confidence", y1: "low", y2: "high", stroke: colours.first, strokeWidth: 2 }),
      line(chart.bins, { x: "confidence", y: "accuracy", stroke: colours.first, strokeWidth: 1.5 }),
      dot(chart.bins, { x: "confidence", y: "accuracy", r: bin => 3 + 6 * Math.sqrt(bin.count / most), fill: colours.first, stroke: "var(--paper)", className: "points" }),
      tip(chart.bins, pointer({ x: "confidence", y: "accuracy", title: bin => `sure ${short(bin.confidence)}\nright ${short(bin.accuracy)}\n${bin.count} pairs` })),
    ],
    r: { type: "identity" },
  });
}
