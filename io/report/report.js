"use strict";
// What plots and slices share.
const report = {
  data(id) { return JSON.parse(document.getElementById(id).textContent); },
  colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); },
  element(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
  },
  // A <select> under its label; calls `use` with the number of the choice.
  choice(label, id, names, use) {
    const select = report.element("select", { id });
    names.forEach((name, i) => select.append(report.element("option", { value: i }, name)));
    select.addEventListener("change", () => use(Number(select.value)));
    return { box: report.element("label", { for: id }, label, select), select };
  },
  number(value, digits) {
    if (value === null || value === undefined) return "";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e5 || size < 1e-3) return value.toExponential(Math.max(0, (digits || 4) - 1)).replace(/\.?0+e/, "e").replace("e+", "e");
    return String(Number(value.toPrecision(digits || 4)));
  },
  // Calls `draw` whenever the page's colours change: light, dark, paper.
  onColours(draw) {
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    window.matchMedia("print").addEventListener("change", draw);
  },
};
