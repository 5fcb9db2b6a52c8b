"use strict";
// A slice through one of a few states. Values are bytes, deflated: 0 is none, 1 to 255 go from the field's low to its high end.
(() => {
  const data = report.data("slice-data");
  const axes = ["x", "y", "z"];
  const phaseColours = [[230, 190, 110], [96, 108, 124], [0, 114, 178], [204, 121, 167], [0, 158, 115], [213, 94, 0], [86, 180, 233], [240, 228, 66]];
  const anchors = {
    sequential: [[84, 58, 148], [58, 94, 158], [38, 136, 142], [68, 178, 108], [160, 208, 60], [250, 226, 70]],
    diverging: [[20, 70, 140], [90, 150, 205], [236, 238, 240], [235, 140, 90], [150, 40, 30]],
  };
  const phase = data.fields.find((field) => field.palette === "phases");
  const shown = { state: 0, field: 0, axis: 1, slice: 0 };
  const unpacked = new Map();
  let turn = 0;  // of the latest drawing; earlier ones that still wait for data give up

  const rgb = (text) => { const probe = document.createElement("canvas").getContext("2d"); probe.fillStyle = text; probe.fillRect(0, 0, 1, 1); return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const entryOf = (field, state) => field.states[Math.min(state, field.states.length - 1)];

  async function unpack(text) {
    if (!unpacked.has(text)) {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      unpacked.set(text, new Uint8Array(await new Response(stream).arrayBuffer()));
    }
    return unpacked.get(text);
  }

  function colourAt(palette, value) {
    const list = anchors[palette], at = value * (list.length - 1), lower = Math.min(Math.floor(at), list.length - 2);
    return list[lower].map((c, k) => Math.round(c + (at - lower) * (list[lower + 1][k] - c)));
  }

  // Slices of the axis that the viewer can show: their positions, and how a pixel finds its byte. Columns go to the right, rows up.
  function geometry(axis) {
    const own = data.stacks.findIndex((stack) => stack.axis === axis);
    if (own >= 0) {
      const stack = data.stacks[own];
      return { stack: own, positions: stack.positions, columns: stack.columns, rows: stack.rows, at: (slice, row, column) => (slice * stack.rows + row) * stack.columns + column };
    }
    const [nx, ny, nz] = data.size;  // one stack across z holds all voxels
    return axis === 0 ? { stack: 0, positions: [...Array(nx).keys()], columns: ny, rows: nz, at: (slice, row, column) => (row * ny + column) * nx + slice }
                      : { stack: 0, positions: [...Array(ny).keys()], columns: nx, rows: nz, at: (slice, row, column) => (row * ny + slice) * nx + column };
  }

  const element = report.element;
  const canvas = element("canvas", { role: "img" });
  const across = element("span"), place = element("output", { for: "slice-number" }), readout = element("p", { class: "readout", "aria-live": "off" }), legend = element("div", { class: "legend" });
  const scale = element("i", { class: "scale" }), scaleText = element("span");
  const slider = element("input", { type: "range", id: "slice-number", min: 0, value: 0, step: 1, "aria-label": "Slice" });
  const states = report.choice("State", "slice-state", data.states, (choice) => { shown.state = choice; draw(); });
  const fields = report.choice("Field", "slice-field", data.fields.map((field) => field.title + (field.unit ? ` / ${field.unit}` : "")), (choice) => { shown.field = choice; draw(); });
  const directions = report.choice("Slice across", "slice-axis", ["x", "y", "z (the stack)"], (choice) => { shown.axis = choice; middle(); draw(); });
  slider.addEventListener("input", () => { shown.slice = Number(slider.value); draw(); });

  function middle() {
    const n = geometry(shown.axis).positions.length;
    slider.max = n - 1;
    shown.slice = Math.floor(n / 2);
  }

  function palettes(field) {
    const none = rgb(report.colour("none")), pore = rgb(report.colour("pore"));
    const phases = [pore, ...data.phases.map((_, p) => phaseColours[p % phaseColours.length])];
    // Where a field has no value, a hint of the phase.
    const hints = [pore, ...data.phases.map((_, p) => none.map((c) => Math.round(c * (1 - 0.09 * (p % 4)))))];
    const codes = field.palette === "phases" ? phases : [none, ...Array.from({ length: 255 }, (_, i) => colourAt(field.palette, i / 254))];
    return { codes, hints, phases };
  }

  async function draw() {
    const mine = ++turn;
    const field = data.fields[shown.field], entry = entryOf(field, shown.state), g = geometry(shown.axis);
    let values = null, phases;
    try {
      phases = phase ? await unpack(entryOf(phase, 0).data[g.stack]) : null;
      values = entry ? await unpack(entry.data[g.stack]) : null;
    } catch (error) {
      document.getElementById("viewer").replaceChildren(element("p", { class: "note" }, "This browser cannot unpack the slices (it has no DecompressionStream): take a newer one, or ParaView."));
      return;
    }
    if (mine !== turn) return;
    const { codes, hints } = palettes(field);
    canvas.width = g.columns;
    canvas.height = g.rows;
    const context = canvas.getContext("2d"), image = context.createImageData(g.columns, g.rows);
    for (let row = 0; row < g.rows; ++row)
      for (let column = 0; column < g.columns; ++column) {
        const at = g.at(shown.slice, row, column), code = values ? values[at] : 0;
        const colour = code > 0 || field.palette === "phases" ? codes[code] || codes[0] : phases ? hints[phases[at]] || hints[0] : codes[0];
        image.data.set([colour[0], colour[1], colour[2], 255], 4 * ((g.rows - 1 - row) * g.columns + column));
      }
    context.putImageData(image, 0, 0);
    describe(field, entry, g);
  }

  function describe(field, entry, g) {
    const position = g.positions[shown.slice], text = `${axes[shown.axis]} = ${report.number((position + 0.5) * data.voxel_um, 5)} µm`;
    slider.value = shown.slice;
    slider.setAttribute("aria-valuetext", text);
    place.textContent = `${text} (${shown.slice + 1} of ${g.positions.length})`;
    const [right, up] = shown.axis === 0 ? ["y", "z"] : shown.axis === 1 ? ["x", "z"] : ["x", "y"];
    across.textContent = `${right} to the right, ${up} up` + (up === "z" ? "; current collector at the bottom" : "");
    canvas.setAttribute("aria-label", `${field.title}, ${data.states[shown.state]}, slice at ${text}`);
    readout.textContent = "Point at the slice for a value.";
    const width = g.columns * data.stride * data.voxel_um, tidy = [1, 2, 5].flatMap((d) => [-3, -2, -1, 0, 1, 2, 3].map((p) => d * 10 ** p)).sort((a, b) => a - b).filter((length) => length <= width / 4).pop() || width;
    scale.style.width = `${100 * tidy / width * canvas.clientWidth / 100}px`;
    scaleText.textContent = `${report.number(tidy)} µm`;
    drawLegend(field, entry);
  }

  function swatches(list) {
    return element("ul", { class: "swatches" }, ...list.map(([name, colour]) => {
      const box = element("i");
      box.style.background = `rgb(${colour.join(",")})`;
      return element("li", {}, box, name);
    }));
  }

  function drawLegend(field, entry) {
    const { codes, hints, phases } = palettes(field);
    const names = data.phases.map((name, p) => [name, field.palette === "phases" ? phases[p + 1] : hints[p + 1]]);
    if (field.palette === "phases") return legend.replaceChildren(swatches([...names, ["pore", phases[0]]]));
    const without = swatches([["pore", hints[0]], ...names.map(([name, colour]) => [name + ", no value", colour])]);
    if (!entry) return legend.replaceChildren(element("p", { class: "note" }, "This state has no such field."), without);
    const bar = element("div", { class: "bar", role: "img", "aria-label": "colour scale" });
    bar.style.background = `linear-gradient(to right, ${codes.slice(1).filter((_, i) => i % 12 === 0 || i === 254).map((c) => `rgb(${c.join(",")})`).join(", ")})`;
    const low = (entry.lowest !== null && entry.lowest < field.low ? "≤ " : "") + report.number(field.low), high = (entry.highest !== null && entry.highest > field.high ? "≥ " : "") + report.number(field.high);
    const ends = element("div", { class: "ends" }, element("span", {}, low), element("span", {}, field.unit), element("span", {}, high));
    const extremes = entry.lowest === null ? "No voxel of these slices has a value in this state." : `In the slices of this state: ${report.number(entry.lowest)} to ${report.number(entry.highest)}${field.unit ? " " + field.unit : ""}.`;
    return legend.replaceChildren(bar, ends, element("p", { class: "note" }, extremes), without);
  }

  canvas.addEventListener("pointermove", async (event) => {
    const field = data.fields[shown.field], entry = entryOf(field, shown.state), g = geometry(shown.axis), box = canvas.getBoundingClientRect();
    const column = Math.min(g.columns - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * g.columns))), row = g.rows - 1 - Math.min(g.rows - 1, Math.max(0, Math.floor((event.clientY - box.top) / box.height * g.rows)));
    const at = g.at(shown.slice, row, column), code = entry ? (await unpack(entry.data[g.stack]))[at] : 0;
    const [right, up] = shown.axis === 0 ? ["y", "z"] : shown.axis === 1 ? ["x", "z"] : ["x", "y"], length = (i) => report.number((i + 0.5) * data.stride * data.voxel_um, 4);
    const value = field.palette === "phases" ? data.phases[code - 1] || "pore" : code === 0 ? "no value" : `${report.number(field.low + (code - 1) / 254 * (field.high - field.low), 3)} ${field.unit}`;
    readout.textContent = `${right} ${length(column)} µm, ${up} ${length(row)} µm: ${value}`;
  });

  const controls = element("div", { class: "controls" }, states.box, fields.box, directions.box);
  const caption = element("figcaption", {}, across, element("span", {}, scale, scaleText));
  const figure = element("figure", {}, element("div", { class: "picture" }, canvas), caption, element("div", { class: "slider" }, slider, place));
  document.getElementById("viewer").append(controls, element("div", { class: "viewer" }, figure, element("div", { class: "side" }, legend, readout)), element("p", { class: "note" }, remarks()));

  function remarks() {
    const kept = data.stacks.length === 3 ? data.stacks.map((stack) => `${stack.positions.length} of ${data.size[stack.axis]} across ${axes[stack.axis]}`).join(", ") : "";
    return "Positions are those of the undeformed voxels. Colours have 255 steps over one range for all states; for stresses and openings it leaves out the outermost 0.2 % of the values. Damage, separation and openings are painted onto the voxels at both sides of a face that is open or broken." +
      (kept ? ` This page is kept small: it has slices ${kept}` + (data.stride > 1 ? `, of every ${data.stride}th voxel` : "") + "; fields.pvd has all." : "");
  }

  const charged = data.states.findIndex((name) => /(^| )charged$/.test(name)), stress = data.fields.findIndex((field) => field.name === "von_mises");
  shown.state = Math.max(0, charged);
  shown.field = Math.max(0, stress);
  states.select.value = shown.state;
  fields.select.value = shown.field;
  directions.select.value = shown.axis;
  middle();
  draw();
  report.onColours(draw);
  window.addEventListener("resize", () => describe(data.fields[shown.field], entryOf(data.fields[shown.field], shown.state), geometry(shown.axis)));
})();
