// The formulas found for a target and the known ones: table, prediction, residual, parameters.

class Equations {
  constructor(app) {
    this.app = app;
    this.table = byId("formulas");
    this.trial = new Trial(app, byId("parameters-to-try"), "try", () => this.fillHere());
    const region = { telling: () => app.samples.region, minor: () => app.samples.region.map((inside) => Number(!inside)) };
    this.views = [
      new Scatter(app, byId("prediction"), {
        x: () => this.current.equation, y: () => app.samples.target(this.target.name),
        colouring: () => this.partColours(), colourLabel: () => "",
        after: (pen, view) => this.drawMap(pen, view), dirtyBy: ["formula", "box"], ...region,
      }),
      new Scatter(app, byId("residual"), {
        x: () => app.samples.quantity(app.state.px), y: () => app.samples.quantity(app.state.py),
        colouring: () => colouring(this.residual, app.theme.name), colourLabel: () => [...app.samples.target(this.target.name).label.pieces, [" minus formula", ""]],
        after: (pen, view) => this.drawRegion(pen, view), key: (pen, view) => this.drawRegionKey(pen, view), dirtyBy: ["formula", "box", "parameters"], size: 1.25, minor: region.minor,
      }),
    ];
    byId("target").addEventListener("change", (event) => this.choose(event.target.value));
    this.table.addEventListener("change", (event) => this.choose(this.target.name, Number(event.target.value)));
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", () => this.copy(button.dataset.copy));
    }
    byId("try-nearest").addEventListener("click", () => this.app.goTo(this.trial.nearest));
    byId("try-take").addEventListener("click", () => this.trial.take(app.near.sample));
  }

  get targets() { return this.app.samples.run.targets; }

  get target() { return this.targets.find(({ name }) => name === this.app.state.target) ?? this.targets[0]; }

  get formula() { return this.target.formulas[this.app.state.formula]; }

  get residual() { return this.app.samples.quantity("residual"); }

  // After another run was opened.
  open() {
    const { samples } = this.app;
    byId("equations").hidden = !this.targets.length;
    byId("no-equations").hidden = Boolean(this.targets.length);
    this.key = null;
    if (!this.targets.length) return;
    const { region } = samples.run;
    byId("region-words").textContent = region ? `The region: ${region}. ` : "";
    fillMenu(byId("target"), this.targets.map(({ name }) => [name, samples.target(name).label.text]));
    this.trial.open(samples.set.parameters);
    this.show();
  }

  choose(name, index = null) {
    const target = this.targets.find((each) => each.name === name);
    if (!target) return;
    const chosen = target.formulas.findIndex((formula) => formula.chosen);
    Object.assign(this.app.state, { target: target.name, formula: index ?? Math.max(chosen, 0) });
    this.show();
    this.app.changed("formula");
  }

  // Choose a formula and bring the table into view.
  lead(name, index = null) {
    this.choose(name, index);
    byId("equations-title").scrollIntoView({ behavior: this.app.still ? "auto" : "smooth" });
    byId("target").focus({ preventScroll: true });
  }

  // Compute what belongs to the formula of the state, and fill the page with it.
  show() {
    const { app } = this, { samples, state } = app;
    if (!this.targets.length) return;
    if (!this.formula) state.formula = Math.max(this.target.formulas.findIndex(({ chosen }) => chosen), 0);
    state.target = this.target.name;
    this.compute(samples);
    byId("target").value = this.target.name;
    if (this.key !== this.target.name) this.fillTable();
    this.key = this.target.name;
    const radio = this.table.querySelector(`input[value="${state.formula}"]`);
    radio.checked = true;
    for (const row of this.table.querySelectorAll("tr")) row.classList.toggle("current", row.contains(radio));
    byId("chosen-formula").innerHTML = `${samples.target(this.target.name).label.html} ${this.relation()} ${this.formula.mathml}`;
    this.fillHere();
  }

  compute(samples) {
    const { tree, map } = this.formula, values = evaluateAll(tree, samples.columns, samples.n);
    const label = plainLabel(`${this.formula.title ?? (this.formula.name ? "known formula" : "formula")}, as it stands`);
    this.current = { equation: { id: "equation", version: `${this.target.name}.${this.app.state.formula}`, values, label } };
    const data = samples.target(this.target.name).values;
    this.residual.values = Float64Array.from(values, (value, i) => data[i] - applyMap(map, value));
    this.residual.within = samples.region;
  }

  relation() {
    if (this.formula.chosen && !this.target.found) return "follows no formula that was found; the best of them is";
    return { isotonic: "follows, up to a monotone map,", pearson: "follows, up to a straight line,", squared_error: "=" }[this.target.objective];
  }

  name(formula) {
    if (formula.title) return formula.title;
    return formula.name ? this.app.samples.label(formula.name).html : "";
  }

  fillTable() {
    const { formulas } = this.target;
    const row = (formula, index) => {
      const { scores } = formula, name = this.name(formula);
      const marks = (formula.chosen ? ' <span class="tag">chosen</span>' : "") + (formula.recovered ? ' <span class="tag">recovered</span>' : "") + (formula.lacks ? ` <span class="tag">${escapeText(formula.lacks)}</span>` : "");
      const cells = ["train", "validation", "test", "outside"].map((part) => `<td>${rSquared(scores[part])}</td>`).join("");
      return `<tr><th scope="row"><label><input type="radio" name="formula" value="${index}" aria-label="${escapeText(formula.text)}">
        ${formula.title ? "" : `<span class="equation">${formula.mathml}</span>`}</label><span class="name">${name}${marks}</span></th>
        <td>${formula.complexity ?? "\u2013"}</td>${cells}<td class="here"></td></tr>`;
    };
    const group = (title, chosen) => (chosen.length
      ? `<tbody><tr class="heading"><th colspan="7" scope="rowgroup">${title}</th></tr>${chosen.join("")}</tbody>` : "");
    const rows = formulas.map(row), kind = ({ name, title }) => (title ? "law" : name ? "known" : "found"), of = (wanted) => rows.filter((_, index) => kind(formulas[index]) === wanted);
    for (const body of this.table.querySelectorAll("tbody")) body.remove();
    this.table.insertAdjacentHTML("beforeend", group("Found by the search, the simplest first", of("found"))
      + group("Known formulas", of("known")) + group("Law over the whole box", of("law")));
  }

  // Training samples, held-out samples, samples outside the region.
  partColours() {
    const { samples, theme } = this.app, names = ["training", "held out", ...(samples.hasRegion ? ["outside the region"] : [])];
    const index = Uint8Array.from(samples.split, (part, i) => (samples.region[i] ? Math.min(part, 1) : 2));
    return { names, index, colours: theme.parts };
  }

  drawMap(pen, view) {
    const { map } = this.formula, { theme } = this.app;
    if (!map) return;
    const x = this.current.equation.values.filter(Number.isFinite).sort();
    const grid = Float64Array.from({ length: 400 }, (_, k) => x[Math.round((k / 399) * (x.length - 1))]);
    pen.line(Array.from(grid, (value) => view.xs.map(value)), Array.from(grid, (value) => view.ys.map(applyMap(map, value))), { stroke: theme.ink, width: 2 });
  }

  // The outline of the samples of the region: their convex hull.
  drawRegion(pen, view) {
    const { samples, theme } = this.app;
    if (!samples.hasRegion) return;
    const points = [];
    for (let i = 0; i < samples.n; i++) {
      if (samples.region[i] && Number.isFinite(view.px[i]) && Number.isFinite(view.py[i])) points.push([view.px[i], view.py[i]]);
    }
    const hull = convexHull(points);
    if (hull.length < 3) return;
    const closed = [...hull, hull[0]];
    pen.line(closed.map(([x]) => x), closed.map(([, y]) => y), { stroke: theme.ink, width: 1.8, dash: [7, 4] });
  }

  // What the outline is, above the plane, where there are no dots.
  drawRegionKey(pen, { frame }) {
    const { samples, theme } = this.app, y = frame.y - 14;
    if (!samples.hasRegion) return;
    pen.line([frame.x, frame.x + 24], [y, y], { stroke: theme.ink, width: 1.8, dash: [7, 4] });
    pen.text(frame.x + 30, y, "region of the fit", { fill: theme.ink, size: 12 });
  }

  async copy(language) {
    await copyText(this.formula.code[language]);
    this.app.say(`Copied as ${language}.`);
  }

  // What every formula says at the parameters to try, and the data at the nearest sample.
  fillHere() {
    const { samples } = this.app, sample = this.trial.nearest, value = this.trial.lookup(sample);
    const cells = this.table.querySelectorAll("td.here");
    this.target.formulas.forEach(({ tree, map }, index) => {
      cells[index].textContent = significant(applyMap(map, compileFormula(tree)(value)), 4);
    });
    const data = samples.target(this.target.name);
    byId("try-result").innerHTML = `Nearest sample: ${samples.sample[sample]} (${this.trial.parameters(sample)}), where ${data.label.html} = <strong>${significant(data.values[sample], 4)}</strong>. The last column says what each formula gives.`;
  }
}

// Andrew's monotone chain.
function convexHull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (list) => {
    const found = [];
    for (const point of list) {
      while (found.length > 1 && turn(found[found.length - 2], found[found.length - 1], point) <= 0) found.pop();
      found.push(point);
    }
    return found.slice(0, -1);
  };
  return sorted.length < 3 ? sorted : [...chain(sorted), ...chain(sorted.reverse())];
}
