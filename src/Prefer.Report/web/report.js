// Draws the charts of a report into its figures, again whenever their width changes. Without it the page still has every number, in tables.
import { curves } from "./charts/curves.js";
import { histogram } from "./charts/histogram.js";
import { reliability } from "./charts/reliability.js";
import { whiskers } from "./charts/whiskers.js";

const drawn = { curves, histogram, reliability, whiskers };
const charts = JSON.parse(document.getElementById("charts").textContent);

for (const plot of document.querySelectorAll("figure .plot")) {
  const chart = charts[plot.dataset.chart];
  let width = 0;
  const draw = () => {
    const available = Math.floor(plot.clientWidth);
    if (available === 0 || available === width) return;
    width = available;
    const svg = drawn[chart.kind](chart, width);
    svg.setAttribute("aria-hidden", "true"); // the figure has a name, and its numbers stand in a table
    plot.replaceChildren(svg);
  };
  draw();
  new ResizeObserver(draw).observe(plot);
}
