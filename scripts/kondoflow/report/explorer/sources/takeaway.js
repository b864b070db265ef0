// What can be taken away: tables, pictures, the address of the view.

function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Inside a frame without that right.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function csv(heads, rows) {
  const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return [heads, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

// Every quantity of the selected samples, or of all.
function samplesTable(app) {
  const { samples, selected } = app, ids = [...samples.quantities.keys()].filter((id) => id !== "split" && samples.quantity(id).values);
  const rows = [];
  for (let i = 0; i < samples.n; i++) {
    if (selected && !selected[i]) continue;
    rows.push([samples.sample[i], samples.run.splits[samples.split[i]], ...ids.map((id) => samples.quantity(id).values[i])]);
  }
  return csv(["sample", "split", ...ids], rows);
}

// The curves of the probe's figure.
function spectraTable(app) {
  const { samples, near, state } = app, { channels } = samples, columns = [["decoded", app.decoded]];
  if (near.sample >= 0) {
    columns.push([`sample_${samples.sample[near.sample]}`, samples.spectrum(near.sample)], ["reconstruction", app.reconstruction]);
  }
  for (const sample of state.pins) {
    if (samples.spectrum(sample)) columns.push([`pin_sample_${samples.sample[sample]}`, samples.spectrum(sample)]);
  }
  const each = channels.length ? columns.flatMap(([name, values]) => channels.map((channel) => [`${name}_${channel}`, samples.ofChannel(values, channel)])) : columns;
  return csv(["omega", ...each.map(([name]) => name)], Array.from(samples.omega, (value, i) => [value, ...each.map(([, values]) => values[i])]));
}

// Plane and spectrum side by side.
function pictureViews(app) {
  const views = [app.plane, app.spectrum], height = Math.max(...views.map((view) => view.height));
  return { views, height, width: views.reduce((sum, view) => sum + view.width, 0) };
}

function pictureSvg(app) {
  const { views, width, height } = pictureViews(app);
  let left = 0;
  const groups = views.map((view) => {
    const pen = new SvgPen(view.width, view.height);
    view.print(pen);
    const group = `<g transform="translate(${left} 0)">${pen.parts.join("\n")}</g>`;
    left += view.width;
    return group.replaceAll('id="c', `id="v${left}c`).replaceAll("url(#c", `url(#v${left}c`);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="${app.theme.paper}"/>
${groups.join("\n")}</svg>\n`;
}

function picturePng(app) {
  const { views, width, height } = pictureViews(app), scale = 2, whole = document.createElement("canvas");
  Object.assign(whole, { width: width * scale, height: height * scale });
  const context = whole.getContext("2d");
  context.fillStyle = app.theme.paper;
  context.fillRect(0, 0, whole.width, whole.height);
  let left = 0;
  for (const view of views) {
    const canvas = document.createElement("canvas");
    view.print(new CanvasPen(canvas, view.width, view.height, scale));
    context.drawImage(canvas, left * scale, 0);
    left += view.width;
  }
  return new Promise((resolve) => { whole.toBlob(resolve, "image/png"); });
}

function offerTakeaway(app) {
  const actions = {
    "take-samples": () => download("samples.csv", new Blob([samplesTable(app)], { type: "text/csv" })),
    "take-spectra": () => download("spectra.csv", new Blob([spectraTable(app)], { type: "text/csv" })),
    "take-svg": () => download("explorer.svg", new Blob([pictureSvg(app)], { type: "image/svg+xml" })),
    "take-png": async () => download("explorer.png", await picturePng(app)),
    "take-link": async () => {
      app.writeAddress();
      await copyText(String(location));
      app.say("The address of this view is copied.");
    },
  };
  for (const [id, action] of Object.entries(actions)) byId(id).addEventListener("click", action);
}
