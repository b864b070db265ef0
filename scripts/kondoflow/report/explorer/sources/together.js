// What all active latents together say of a quantity: the function, its errors, where it fails.

// A kernel ridge regression, as Python fitted it: see together.py for the formula.
class Together {
  constructor({ centre, inverse_width: inverse, length, offset, trend }, codes, weight) {
    Object.assign(this, { centre, inverse, offset, trend, weight, n: centre.length, sharpness: -0.5 / (length * length) });
    this.x = this.scaled(codes);
    this.point = new Float64Array(this.n);
  }

  scaled(codes, to = new Float64Array(codes.length)) {
    for (let i = 0; i < codes.length; i++) to[i] = (codes[i] - this.centre[i % this.n]) * this.inverse[i % this.n];
    return to;
  }

  // The value at a point of the latents on the page.
  at(z) {
    const { x, weight, n, sharpness, trend } = this, point = this.scaled(z, this.point);
    let sum = 0;
    for (let i = 0, place = 0; i < weight.length; i++) {
      let product = 1, square = 0;
      for (let k = 0; k < n; k++, place++) {
        const difference = point[k] - x[place];
        product += point[k] * x[place];
        square += difference * difference;
      }
      sum += weight[i] * (Math.exp(sharpness * square) + trend * product * product);
    }
    return this.offset + sum;
  }
}

class Joint {
  constructor(app) {
    this.app = app;
    const of = (kind) => app.samples.quantity(`${kind}.${this.quantity.name}`);
    this.views = [
      new Scatter(app, byId("joint-against"), {
        x: () => of("read"), y: () => of("said"), colouring: () => this.partColours(), colourLabel: () => "",
        before: (pen, view) => this.drawEqual(pen, view), dirtyBy: ["joint", "box"],
      }),
      new Scatter(app, byId("joint-missed"), {
        x: () => app.samples.quantity(app.state.px), y: () => app.samples.quantity(app.state.py),
        colouring: () => colouring(of("missed"), app.theme.name), colourLabel: () => of("missed").label.pieces,
        dirtyBy: ["joint", "box", "parameters"], size: 1.25,
      }),
    ];
    byId("joint-of").addEventListener("change", (event) => this.choose(event.target.value));
    byId("joint-colour").addEventListener("click", () => this.colourAll());
    byId("joint-show").addEventListener("click", () => this.app.equations.lead(this.quantity.name));
  }

  get all() { return this.app.samples.run.joint; }

  get quantity() { return this.all.find(({ name }) => name === this.app.state.joint) ?? this.all[0]; }

  get shown() { return Boolean(this.all.length && this.quantity.function); }

  // After another run was opened.
  open() {
    byId("joint").hidden = !this.all.length;
    if (!this.all.length) return;
    fillMenu(byId("joint-of"), this.all.map(({ name, label }) => [name, label.text]));
    byId("joint-menu").hidden = this.all.length === 1;
    this.fill();
  }

  choose(name) {
    this.app.state.joint = name;
    this.fill();
    this.app.changed("joint");
  }

  fill() {
    const { quantity } = this, { label } = quantity, definition = `<code>${escapeText(quantity.definition)}</code>`;
    this.app.state.joint = quantity.name;
    byId("joint-of").value = quantity.name;
    byId("joint-known").hidden = !quantity.function;
    byId("joint-colour").hidden = !quantity.function;
    if (!quantity.function) {
      byId("joint-kept").innerHTML = `All active latents together say nothing of ${label.html} (${definition}).`;
      return;
    }
    byId("joint-kept").innerHTML = `All ${quantity.n_latents} active latents together say what ${label.html} (${definition}) is: ${this.errorInWords("test")}.`;
    byId("joint-errors").innerHTML = quantity.errors.map(({ words, n, r2, rms, largest }) => `<tr><th scope="row">${escapeText(words)}</th><td>${counted(n)}</td><td>${rSquared(r2)}</td><td>${significant(rms, 2)}</td><td>${significant(largest, 2)}</td></tr>`).join("");
    byId("joint-head").innerHTML = `<tr><td></td><th scope="col">The latents say</th><th scope="col">Value</th><th scope="col">Difference</th>${quantity.has_truth ? `<th scope="col">Truth, ${quantity.truth}</th><th scope="col">Difference</th>` : ""}</tr>`;
    byId("joint-how").innerHTML = `At the ring stands the smooth function itself, a kernel ridge regression on ${counted(quantity.n_fitted)} training samples that this page evaluates; nothing is interpolated. At a training sample stands the function that was fitted to the others.`;
    this.fillEquation();
    this.fillLaw();
  }

  errorInWords(part) {
    const found = this.quantity.errors.find((each) => each.part === part);
    if (!found) return "no test sample can tell how exactly";
    return `R² ${rSquared(found.r2)}, error ${significant(found.rms, 2)} (root mean square) and ${significant(found.largest, 2)} at most, on ${counted(found.n)} test samples, which took no part in the fit`;
  }

  fillEquation() {
    const { quantity } = this, target = this.app.samples.run.targets.find(({ name }) => name === quantity.name);
    const chosen = target?.formulas.find((formula) => formula.chosen), place = byId("joint-equation");
    byId("joint-show").hidden = !chosen;
    if (!chosen) place.textContent = "No equation was found for it.";
    else if (target.found) place.innerHTML = `Its equation in the region, ${quantity.label.html} = <span class="nowrap">${chosen.mathml}</span>. It ${target.claim} (${target.reach}).`;
    else place.innerHTML = `No formula found explains it: of the best, ${target.reach}.`;
  }

  fillLaw() {
    const { law } = this.quantity, place = byId("joint-law");
    place.hidden = !law;
    if (!law) return;
    place.textContent = law.announced ? law.told : `No law over the whole box is announced for it: ${law.reasons.join("; ")}.`;
  }

  colourAll() {
    this.app.state.colour = `missed.${this.quantity.name}`;
    this.app.syncMenus();
    this.app.changed("colour");
    byId("bench").scrollIntoView({ block: "nearest", behavior: this.app.still ? "auto" : "smooth" });
  }

  // What stands at the ring and at the sample that the sample table shows.
  readout(sample) {
    if (!this.shown) return;
    const { samples, state, near } = this.app, { quantity } = this, row = (name, cells, warn = false) =>
      `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td${warn ? ' class="warn"' : ""}>${cell}</td>`).join("")}</tr>`;
    const value = (kind) => samples.quantity(`${kind}.${quantity.name}`).values[sample];
    const said = value("said"), columns = quantity.has_truth ? ["", ""] : [];
    const ring = row(near.far ? "At the ring (no data here: a guess)" : "At the ring", [significant(quantity.together.at(state.z), 5), "", "", ...columns], near.far);
    const against = (known) => [significant(known, 5), significant(said - known, 2)];
    const cells = [significant(said, 5), ...against(value("read")), ...(quantity.has_truth ? against(value("truth")) : [])];
    const part = samples.run.splits[samples.split[sample]];
    byId("joint-here").innerHTML = ring + (sample < 0 ? "" : row(`Sample ${samples.sample[sample]} (${part})`, cells));
  }

  partColours() {
    const { samples, theme } = this.app, names = ["training", "held out"];
    return { names, index: Uint8Array.from(samples.split, (part) => Math.min(part, 1)), colours: theme.parts };
  }

  // Where the latents would say the value itself.
  drawEqual(pen, view) {
    const ends = [view.xs.low, view.xs.high].map((t) => view.xs.transform.from(t));
    pen.line(ends.map((value) => view.xs.map(value)), ends.map((value) => view.ys.map(value)), { stroke: this.app.theme.ink, width: 1.6 });
  }
}
