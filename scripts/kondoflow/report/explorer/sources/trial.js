// Sliders for parameters that are tried: those that vary over the samples. The state keeps what was given.

const TRIED_ROUNDING = 1e-5; // of an end of a range: addresses have six digits

function rangeOf(column) { return quantiles(column, [0, 1]); }

// Parameters to try as an address gives them: those of these names that vary, with a value in their range.
function readTried(text, samples, names) {
  try {
    const given = JSON.parse(text), tried = {};
    for (const name of names) {
      const [low, high] = rangeOf(samples.columns[name]), value = Object.hasOwn(given, name) ? given[name] : null;
      const rounding = TRIED_ROUNDING * Math.max(Math.abs(low), Math.abs(high));
      if (high > low && Number.isFinite(value) && value >= low - rounding && value <= high + rounding) tried[name] = clamp(value, low, high);
    }
    return Object.keys(tried).length ? tried : null;
  } catch { return null; /* no parameters in the address */ }
}

class Trial {
  // key: of the state.
  constructor(app, place, key, changed) {
    Object.assign(this, { app, place, key, changed, given: {} });
  }

  // After another run was opened: begin with what the state holds, or else at a sample.
  open(names) {
    const { samples } = this.app, start = samples.nearest(samples.centre).sample;
    this.place.replaceChildren();
    this.given = {};
    for (const name of names) {
      const column = samples.columns[name], transform = transformFor(column), [low, high] = rangeOf(column);
      this.given[name] = this.app.state[this.key]?.[name] ?? column[start];
      if (!(high > low)) continue;
      const slider = makeSlider(samples.label(name).with_unit, transform.to(low), transform.to(high), transform.to(this.given[name]), (t) => {
        this.given[name] = transform.from(t);
        this.keep();
      }, (t) => significant(transform.from(t)), samples.label(name).text);
      slider.dataset.parameter = name;
      this.place.append(slider);
    }
  }

  take(sample) {
    const { samples } = this.app;
    if (sample < 0) return;
    for (const slider of this.place.children) {
      const { parameter } = slider.dataset, column = samples.columns[parameter];
      this.given[parameter] = column[sample];
      slider.set(transformFor(column).to(column[sample]));
    }
    this.keep();
  }

  keep() {
    this.app.state[this.key] = Object.fromEntries([...this.place.children].map(({ dataset }) => [dataset.parameter, this.given[dataset.parameter]]));
    this.app.remember();
    this.changed();
  }

  // The nearest sample, and a lookup of what was given or else stands there.
  get nearest() { return this.app.samples.nearestParameters(this.given); }

  lookup(sample) { return (name) => this.given[name] ?? this.app.samples.columns[name][sample]; }

  // Its parameters in words.
  parameters(sample) {
    const { samples } = this.app;
    return samples.set.parameters.filter((name) => varies(samples, name)).map((name) => `${samples.label(name).with_unit} = ${significant(samples.columns[name][sample])}`).join(", ");
  }
}
