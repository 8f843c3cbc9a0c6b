// What all charts share: size, type, colours. Colours are the page's own variables, so that light, dark and print need no second drawing.
import { plot } from "@observablehq/plot";

export const colours = { first: "var(--first)", second: "var(--second)", third: "var(--third)", quiet: "var(--quiet)" };

export function frame(width, height, options) {
  return plot({
    width,
    height,
    marginLeft: 52,
    marginRight: 20,
    marginBottom: 38,
    marginTop: 26,
    style: { fontFamily: "inherit", fontSize: "12px", background: "none", overflow: "visible" },
    ...options,
  });
}

// Ticks that do not run into each other.
export const ticks = width => Math.max(3, Math.min(10, Math.floor(width / 80)));

// Three significant digits, for tips.
export const short = value => (value === null || value === undefined ? "–" : Number(value.toPrecision(3)).toLocaleString("en"));
