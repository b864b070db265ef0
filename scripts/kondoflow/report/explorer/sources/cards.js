// One card a latent: what it follows, what it does to a spectrum, its formula.

const SWEEP = 4000; // milliseconds
const FOLLOWS = 0.7; // rank correlation from which a latent is said to follow a quantity

class Cards {
  constructor(app) {
    this.app = app;
    this.place = byId("cards");
  }

  open() {
    const { latents } = this.app.samples;
    byId("finding").innerHTML = this.finding();
    byId("named").innerHTML = this.named();
    byId("named").querySelector("button")?.addEventListener("click", (event) => this.app.equations.lead(event.target.dataset.target));
    this.place.innerHTML = latents.map((latent, k) => this.card(latent, k)).join("");
    this.place.querySelectorAll("button").forEach((button) => {
      button.addEventListener("click", () => this.sweep(Number(button.dataset.latent)));
    });
    this.draw();
  }

  card(latent, k) {
    const name = `latent ${latent.index}`;
    return `<li class="card"><h3>${name}</h3>
      <button type="button" data-latent="${k}" aria-label="Show what ${name} does">Show</button>
      <p>${this.meaning(latent)} As it rises, ${latent.effect}</p>
      <canvas role="img" aria-label="Spectra, decoded from low to high ${name}"></canvas>
      ${this.formula(latent)}</li>`;
  }

  // The equation of the first quantity that is no latent, with a button that shows it below.
  named() {
    const { samples } = this.app, target = samples.run.targets.find(({ name, found }) => found && !/^latent_\d+$/.test(name));
    const chosen = target?.formulas.find((formula) => formula.chosen);
    if (!chosen) return "";
    const { html } = samples.target(target.name).label;
    return `The equation ${html} = <span class="nowrap">${chosen.mathml}</span> ${target.claim} (${target.reach}). <button type="button" data-target="${escapeText(target.name)}">Show it below</button>`;
  }

  // The finding in a sentence: the latent that follows the scale, and its formula.
  finding() {
    const { samples } = this.app, { leading } = samples.run;
    const latent = samples.latents.find(({ index }) => index === leading);
    if (!latent) return "";
    const scale = samples.label(samples.set.scale).html, measured = `rank correlation ${shortOf1(Math.abs(latent.scale_score.spearman))} on ${counted(latent.scale_score.n)} held-out spectra`;
    if (Math.abs(latent.scale_score.spearman) < FOLLOWS) return `No latent follows the physical scale, ${scale}; the nearest is latent ${leading} (${measured}).`;
    const chosen = this.chosen(latent);
    const target = this.target(latent);
    const formula = chosen && target.found ? ` Its formula, up to a monotone map: <span class="nowrap">${chosen.mathml}</span>. It ${target.claim} (${target.reach}).` : "";
    return `<strong>Latent ${leading}</strong> follows the physical scale, ${scale} (${measured}).${formula}`;
  }

  target(latent) { return this.app.samples.run.targets.find(({ name }) => name === `latent_${latent.index}`); }

  chosen(latent) {
    return this.target(latent)?.formulas.find((formula) => formula.chosen);
  }

  meaning({ index, follows, score, active, scale_score: scaleScore }) {
    if (!active) return "Not active: it holds next to nothing.";
    if (!follows || score.spearman === null || score.spearman === undefined) return "It follows none of the known quantities.";
    const verb = Math.abs(score.spearman) >= FOLLOWS ? "Follows" : "Is nearest to";
    const way = score.spearman < 0 ? ", falling as it rises" : "";
    const { set } = this.app.samples, measured = (found) => `rank correlation ${shortOf1(Math.abs(found.spearman))}`;
    const scale = index === this.app.samples.run.leading && follows !== set.scale && Math.abs(scaleScore?.spearman) >= FOLLOWS
      ? `, and of all latents best the scale ${this.app.samples.label(set.scale).html} (${measured(scaleScore)})` : "";
    return `${verb} <strong>${this.app.samples.label(follows).html}</strong>${way} (${measured(score)} on ${counted(score.n)} held-out spectra)${scale}.`;
  }

  formula(latent) {
    const target = this.app.samples.run.targets.find(({ name }) => name === `latent_${latent.index}`);
    const chosen = target?.formulas.find((formula) => formula.chosen);
    if (!chosen) return "";
    if (!target.found) return `<p class="formula">No formula found explains it: of the best, ${target.reach}.</p>`;
    const up = { isotonic: "Up to a monotone map, it is", pearson: "Up to a straight line, it is", squared_error: "It is" }[target.objective];
    return `<p class="formula">${up} <span class="scroll" tabindex="0" role="group" aria-label="formula">${chosen.mathml}</span> It ${target.claim}. ${target.reach}.</p>`;
  }

  // Spectra (of all channels) along a latent, where there are data; the report draws the same.
  spectra({ path }) { return path.map((z) => this.app.samples.decoder.decode(z)); }

  draw() {
    const { samples, theme } = this.app;
    this.place.querySelectorAll("canvas").forEach((canvas, k) => {
      // Along a latent that holds nothing the curves would be those of the latents that go along.
      canvas.hidden = !samples.latents[k].active;
      if (canvas.hidden) return;
      const pen = this.app.onPaper ? new CanvasPen(canvas, 260, 110, PAPER.ratio)
        : new CanvasPen(canvas, canvas.clientWidth || 300, canvas.clientHeight || 76, window.devicePixelRatio || 1);
      const curves = this.spectra(samples.latents[k]).map((curve) => this.app.ofChannel(curve)), heights = curves.flatMap((curve) => [...curve]);
      const top = Math.max(0, ...heights), least = Math.min(0, ...heights), rim = 0.05 * (top - least) || 1;
      const xs = this.app.spectrum.xScale().range(2, pen.width - 2), ys = (this.app.samples.inDecades(heights) ? Scale.around(LOG, heights) : new Scale(LINEAR, least < 0 ? least - rim : 0, top + rim)).range(pen.height - 2, 2);
      pen.clear();
      if (ys.transform === LINEAR) pen.line([0, pen.width], [ys.map(0), ys.map(0)], { stroke: theme.axis });
      curves.forEach((curve, step) => {
        pen.line(Array.from(samples.omega, (value) => xs.map(value)), Array.from(curve, (value) => ys.map(value)), { stroke: this.colour(step, curves.length), width: 1.5 });
      });
    });
  }

  colour(step, n) { return this.app.theme.sequential[Math.round((step * (PALETTE_SIZE - 1)) / Math.max(1, n - 1))]; }

  // Put the latent on the axis, draw its fan of spectra, and walk along it.
  sweep(k) {
    const { app } = this, { samples, state } = app, latent = samples.latents[k];
    cancelAnimationFrame(this.running);
    const other = state.y === `latent_${latent.index}` ? state.x : state.y;
    Object.assign(state, { x: `latent_${latent.index}`, y: other, colour: samples.place(latent.follows) ?? state.colour });
    const { path } = latent;
    app.fan = path.map((z, index) => ({ z, values: samples.decoder.decode(z), colour: this.colour(index, path.length) }));
    app.syncMenus();
    app.equations.choose(`latent_${latent.index}`);
    app.changed("axes");
    byId("fan-key").hidden = false;
    byId("fan-key-text").textContent = `decoded from low to high latent ${latent.index}, the others as in training samples near by`;
    const at = (share) => {
      const place = share * (path.length - 1), low = Math.min(Math.floor(place), Math.max(0, path.length - 2)), high = Math.min(low + 1, path.length - 1);
      return path[low].map((value, j) => value + (place - low) * (path[high][j] - value));
    };
    app.say(`Latent ${latent.index}, from ${fixed(path[0][k], 2)} to ${fixed(path[path.length - 1][k], 2)}.`);
    byId("bench").scrollIntoView({ block: "nearest", behavior: app.still ? "auto" : "smooth" });
    if (app.still) { app.place(at(1)); return; }
    const began = performance.now();
    const frame = (now) => {
      const share = clamp((now - began) / SWEEP, 0, 1);
      app.place(at((1 - Math.cos(2 * Math.PI * share)) / 2));
      if (share < 1) this.running = requestAnimationFrame(frame);
    };
    this.running = requestAnimationFrame(frame);
  }

  stop() { cancelAnimationFrame(this.running); }
}
