// Copies formulas and gives out the tables of figures; the page is complete without it.
const say = (text) => { document.getElementById("said").textContent = text; };

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // inside a frame without that right
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await copied(button.dataset.copy);
    say(`Copied as ${button.textContent}.`);
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1500);
  });
}

for (const link of document.querySelectorAll("[data-table]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const packed = Uint8Array.from(atob(document.getElementById(link.dataset.table).textContent), (c) => c.charCodeAt(0));
    const table = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const address = URL.createObjectURL(await new Response(table, { headers: { "Content-Type": "text/csv" } }).blob());
    Object.assign(document.createElement("a"), { href: address, download: link.download }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    say(`${link.download} is downloaded.`);
  });
}
document.documentElement.classList.add("with-script");
