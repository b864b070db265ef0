// The law over the whole box: what it gives at a sample and at any parameters, and where it was compared with data.

const LAW_ROUNDING = 1e-6; // of an end of the domain: columns have single precision

class Law {
  constructor(app) {
    this.app = app;
    this.trial = new Trial(app, byId("law-parameters"), "law", () => this.readout(this.shown));
    for (const button of document.querySelectorAll("[data-law]")) {
      button.addEventListener("click", async () => {
        await copyText(this.found.code[button.dataset.law]);
        app.say(`Copied as ${button.dataset.law}.`);
      });
    }
    byId("law-take").addEventListener("click", () => this.trial.take(app.near.sample));
    byId("law-show").addEventListener("click", () => {
      byId("law").scrollIntoView({ behavior: app.still ? "auto" : "smooth" });
      byId("law-formula").focus({ preventScroll: true });
    });
    byId("law-nearest").addEventListener("click", () => app.goTo(this.trial.nearest));
  }

  get found() { return this.app.samples.run.law; }

  // After another run was opened.
  open() {
    const { found } = this;
    byId("law").hidden = !found;
    byId("law-first").hidden = !found?.announced;
    if (!found) return;
    byId("law-first").firstChild.textContent = found.told;
    this.formula = compileFormula(found.tree);
    this.bounds = found.domain.map(({ tree, ...bound }) => ({ ...bound, value: compileFormula(tree) }));
    byId("law-told").textContent = found.announced ? found.told : `This law is not announced: ${found.reasons.join("; ") || "it was not tested on new points"}.`;
    byId("law-formula").innerHTML = found.parts.map(([name, formula]) => `<div>${name || `<span>${found.label}</span>`} = ${formula}</div>`).join("");
    byId("law-code").textContent = found.code.python.replace(/\n{2,}/g, "\n");
    const columns = ["Law", this.valueName, this.errorName, ...(this.truth ? ["Truth", this.errorName] : [])];
    byId("law-head").innerHTML = `<tr><td></td>${columns.map((text) => `<th scope="col">${text}</th>`).join("")}</tr>`;
    byId("law-errors").innerHTML = found.errors.map(({ words, n, undefined: none, rms, largest }) => `<tr><th scope="row">${words}${none ? `, ${counted(none)} without a value` : ""}</th><td>${counted(n)}</td><td>${this.written(rms)}</td><td>${this.written(largest)}</td></tr>`).join("");
    byId("law-source").textContent = `Error of the law on ${found.source}`;
    byId("law-precise").hidden = !found.errors.length;
    this.trial.open(triedOfLaw(this.app.samples));
  }

  get valueName() { return this.app.samples.quantity(`said.${this.found.target}`) ? "The latents say" : "Computed"; }

  get errorName() { return this.found.logarithmic ? "Law off by (relative)" : "Law minus that"; }

  get truth() { return this.app.samples.quantity(`truth.${this.found.target}`); }

  at(lookup) { return this.formula(lookup); }

  // Values of the target as what the law gives.
  known(quantity, sample) {
    const value = quantity ? quantity.values[sample] : NaN;
    return this.found.logarithmic ? Math.exp(value) : value;
  }

  error(law, known) { return this.found.logarithmic ? law / known - 1 : law - known; }

  written(error) { return Number.isFinite(error) && this.found.logarithmic && error !== null ? `${significant(100 * error, 2)} %` : significant(error, 2); }

  outside(lookup) {
    return this.bounds.filter(({ value, low, high }) => {
      const x = value(lookup), rounding = LAW_ROUNDING * Math.max(Math.abs(low), Math.abs(high));
      return !(x >= low - rounding && x <= high + rounding);
    });
  }

  // Beside the sample that the sample table shows, the parameters of the sliders.
  readout(sample) {
    if (!this.found) return;
    this.shown = sample;
    const { samples } = this.app, { trial, found } = this, nearest = trial.nearest, tried = trial.lookup(nearest);
    const here = (name) => samples.columns[name][sample];
    const cell = (text) => `<td>${text}</td>`;
    const against = (quantity, law) => {
      const known = this.known(quantity, sample);
      return cell(significant(known, 5)) + cell(this.written(this.error(law, known)));
    };
    const row = (title, law, cells, away) => `<tr><th scope="row">${title}${away ? ' <span class="warn">outside the domain</span>' : ""}</th><td${away ? ' class="warn"' : ""}>${significant(law, 5)}</td>${cells}</tr>`;
    const rows = [], empty = cell("") + cell(""), away = this.outside(tried);
    if (sample >= 0) {
      const law = this.at(here), target = samples.target(found.target);
      rows.push(row(`Sample ${samples.sample[sample]} (${samples.run.splits[samples.split[sample]]})`, law, against(target, law) + (this.truth ? against(this.truth, law) : ""), this.outside(here).length));
    }
    rows.push(row("At the parameters below", this.at(tried), empty + (this.truth ? empty : ""), away.length));
    byId("law-here").innerHTML = rows.join("");
    byId("law-domain").innerHTML = this.bounds.map((bound) => `<li${away.includes(bound) ? ' class="warn"' : ""}>${bound.mathml} = ${significant(bound.value(tried))} (${significant(bound.low)} to ${significant(bound.high)})${away.includes(bound) ? ": outside" : ""}</li>`).join("");
    const text = away.length ? "These parameters are outside the domain: the law was not compared with data there." : "These parameters are within the domain.";
    const near = this.known(samples.target(found.target), nearest), there = this.at((name) => samples.columns[name][nearest]);
    byId("law-result").innerHTML = `${found.with_unit} = <strong>${significant(this.at(tried), 5)}</strong> by the law. <span${away.length ? ' class="warn"' : ""}>${text}</span> Nearest sample: ${samples.sample[nearest]} (${trial.parameters(nearest)}), where the law gives ${significant(there, 5)} and the value is ${significant(near, 5)}.`;
  }
}
