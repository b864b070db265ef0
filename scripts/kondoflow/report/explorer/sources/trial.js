// Sliders for parameters that are tried: those that vary over the samples.

class Trial {
  constructor(app, place, changed) {
    Object.assign(this, { app, place, changed, given: {} });
  }

  // After another run was opened: begin at a sample.
  open(names) {
    const { samples } = this.app, start = samples.nearest(samples.centre).sample;
    this.place.replaceChildren();
    this.given = {};
    for (const name of names) {
      const column = samples.columns[name], transform = transformFor(column), [low, high] = quantiles(column, [0, 1]);
      this.given[name] = column[start];
      if (!(high > low)) continue;
      const slider = makeSlider(samples.label(name).html, transform.to(low), transform.to(high), transform.to(column[start]), (t) => {
        this.given[name] = transform.from(t);
        this.changed();
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
    this.changed();
  }

  // The nearest sample, and a lookup of what was given or else stands there.
  get nearest() { return this.app.samples.nearestParameters(this.given); }

  lookup(sample) { return (name) => this.given[name] ?? this.app.samples.columns[name][sample]; }

  // Its parameters in words.
  parameters(sample) {
    const { samples } = this.app;
    return samples.set.parameters.filter((name) => varies(samples, name)).map((name) => `${samples.label(name).html} = ${significant(samples.columns[name][sample])}`).join(", ");
  }
}
