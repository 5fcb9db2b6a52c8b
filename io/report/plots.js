"use strict";
// Small plots of the tables' columns, each with its numbers. Without the chart library only the numbers.
(() => {
  const data = report.data("plot-data");
  const withCharts = typeof Chart !== "undefined";
  const charts = new Map();
  const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3]];
  const marks = ["circle", "rectRot", "triangle", "rect"];
  let view = data.cycles.x.length < 2 && data.steps.x.length > 1 ? "steps" : "cycles";

  const tableOf = (plot) => {
    const has = (name) => plot.columns.some((column) => data[name].columns[column]);
    return has(view) ? view : view === "cycles" ? "steps" : "cycles";
  };
  const columnsOf = (plot, table) => plot.columns.filter((name) => table.columns[name]).map((name) => table.columns[name]);
  const axisTitle = (name) => name === "cycles" ? "cycle" : "load step";

  function summary(plot, table) {
    return columnsOf(plot, table).map((column) => {
      const values = column.values.filter((value) => value !== null);
      return `${column.title}: ${report.number(values[0])} at first, ${report.number(values[values.length - 1])} at last, between ${report.number(values.reduce((a, b) => Math.min(a, b)))} and ${report.number(values.reduce((a, b) => Math.max(a, b)))} ${column.unit}`;
    }).join("; ");
  }

  function datasets(plot, table, isCycles) {
    const ground = report.colour("ground");
    return columnsOf(plot, table).map((column, i) => {
      const line = report.colour("curve-" + i % 4);
      const many = column.values.length > 80 && column.values.filter((value) => value === null).length < column.values.length / 4;
      return {
        label: column.title, data: column.values.map((y, row) => ({ x: table.x[row], y })), borderColor: line, backgroundColor: line, borderWidth: 1.8, clip: 8, borderDash: dashes[i % 4], spanGaps: false,
        pointStyle: marks[i % 4], pointRadius: many ? 0 : isCycles ? 4 : 2, pointHitRadius: 8, pointBorderColor: line,
        pointBackgroundColor: (point) => isCycles && /charged$/.test(table.labels[point.dataIndex]) && !/discharged$/.test(table.labels[point.dataIndex]) ? ground : line,
      };
    });
  }

  // Limits of the y axis: near the values; those that never fall below zero keep zero as their floor, and round-off does not fill the plot.
  function limits(plot, table) {
    const values = columnsOf(plot, table).flatMap((column) => column.values.filter((value) => value !== null));
    const low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const least = 0.02 * Math.max(Math.abs(low), Math.abs(high)) || 1;
    const pad = high - low < least / 1000 ? least : 0.06 * (high - low);
    return { min: low >= 0 && low - pad < 0 ? 0 : low - pad, max: high + pad };
  }

  function options(plot, table, name) {
    const ink = report.colour("ink"), faint = report.colour("faint"), grid = report.colour("line");
    const ticks = { color: faint, font: { size: 11 }, maxRotation: 0 };
    const last = table.x[table.x.length - 1] || 1;
    return {
      animation: false, responsive: true, maintainAspectRatio: false, parsing: false, normalized: true, interaction: { mode: "index", intersect: false },
      scales: {
        x: { type: "linear", min: 0, max: last, grid: { color: grid, drawTicks: true }, ticks: { ...ticks, precision: name === "cycles" && last > 4 ? 0 : undefined, maxTicksLimit: 8 }, title: { display: true, text: axisTitle(name), color: faint, font: { size: 11 } } },
        y: { ...limits(plot, table), grid: { color: grid }, ticks: { ...ticks, maxTicksLimit: 6, includeBounds: false, callback: (value) => report.number(value, 5) } },
      },
      plugins: {
        legend: { display: columnsOf(plot, table).length > 1, position: "bottom", labels: { color: ink, usePointStyle: true, boxHeight: 6, font: { size: 11 }, padding: 8 } },
        tooltip: { callbacks: {
          title: (items) => items.length ? table.labels[items[0].dataIndex] : "",
          label: (item) => `${item.dataset.label}: ${report.number(item.parsed.y, 6)} ${plot.unit}`,
        } },
      },
    };
  }

  function draw(plot, figure) {
    const name = tableOf(plot), table = data[name];
    const canvas = figure.querySelector("canvas");
    const numbers = figure.querySelector("details");
    if (numbers.open) fill(plot, numbers);
    if (!withCharts) return;
    canvas.setAttribute("aria-label", `${plot.title} over ${axisTitle(name)}s. ${summary(plot, table)}`);
    if (charts.has(plot)) charts.get(plot).destroy();
    charts.set(plot, new Chart(canvas, { type: "line", data: { datasets: datasets(plot, table, name === "cycles") }, options: options(plot, table, name) }));
  }

  function fill(plot, numbers) {
    const table = data[tableOf(plot)], columns = columnsOf(plot, table);
    const head = report.element("tr", {}, report.element("th", { scope: "col" }, "state"), ...columns.map((column) => report.element("th", { scope: "col", class: "number" }, column.title)));
    const body = report.element("tbody");
    table.labels.forEach((label, row) => body.append(report.element("tr", {}, report.element("th", { scope: "row" }, label),
      ...columns.map((column) => report.element("td", { class: "number" }, report.number(column.values[row], 6))))));
    const box = numbers.querySelector(".wide");
    box.replaceChildren(report.element("table", {}, report.element("thead", {}, head), body));
  }

  function add(plot, list) {
    const unit = plot.unit ? report.element("small", {}, ` / ${plot.unit}`) : "";
    const numbers = report.element("details", { class: "numbers" }, report.element("summary", {}, "Numbers"), report.element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": plot.title + ", numbers" }));
    const frame = report.element("div", { class: "frame" }, report.element("canvas", { role: "img" }));
    const figure = report.element("figure", { class: "plot" }, report.element("h3", {}, plot.title, unit), ...(withCharts ? [frame] : []), numbers);
    numbers.addEventListener("toggle", () => { if (numbers.open) fill(plot, numbers); });
    list.append(figure);
    return figure;
  }

  const list = document.getElementById("plots"), controls = document.getElementById("plot-controls");
  const figures = data.plots.map((plot) => [plot, add(plot, list)]);
  const drawAll = () => figures.forEach(([plot, figure]) => draw(plot, figure));
  if (Object.keys(data.steps.columns).length > 0 && Object.keys(data.cycles.columns).length > 0) {
    const over = report.choice("Plots over", "plot-over", ["half cycles", "load steps"], (choice) => { view = choice === 0 ? "cycles" : "steps"; drawAll(); });
    over.select.value = view === "steps" ? 1 : 0;
    controls.append(over.box);
  }
  const remarks = ["Over half cycles: hollow marks are charged, full ones discharged or pristine states. A gap: the quantity does not apply or was not computed."];
  for (const name of ["cycles", "steps"]) if (data[name].every > 1) remarks.push(`Of ${name}.csv every ${data[name].every}th row is shown.`);
  list.after(report.element("p", { class: "note" }, remarks.join(" ")));
  drawAll();
  report.onColours(drawAll);
})();
