"use strict";
// The side panel: what is known of the selected item, and its lines of the spec.
// All text goes in as text, never as markup.

function element(tag, text, parent, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (parent) parent.append(made);
  return made;
}

class Panel {
  constructor() {
    this.details = document.getElementById("details");
    this.file = document.getElementById("file");
    this.spec = document.getElementById("spec");
    this.shown = null;
  }

  show(data, item) {
    this.details.replaceChildren();
    if (!item) {
      element("h2", data.name, this.details);
      if (data.doc) element("p", data.doc, this.details);
      element("p", "Click a block to fold or unfold it, a box for its details.", this.details);
    } else {
      for (const row of item.rows) this.row(row, item);
    }
    const place = item ? item.rows.map((row) => row.place).find(Boolean) : null;
    const first = Object.keys(data.sources)[0];
    this.source(data.sources, place || (first ? { file: first, line: 0 } : null));
  }

  row(row, item) {
    const times = item.times > 1 && row === item.rows[0] ? ` ×${item.times}` : "";
    element("h2", `${row.path}${times}`, this.details);
    if (row.doc) element("p", row.doc, this.details);
    const table = element("table", undefined, this.details);
    for (const [name, value] of this.facts(row)) {
      const line = element("tr", undefined, table);
      element("th", name, line);
      element("td", value, line);
    }
  }

  facts(row) {
    const facts = [["type", row.type], ["output", row.shape]];
    if (row.parameters) facts.push(["parameters", row.parameters.toLocaleString("en")]);
    if (row.macs) facts.push(["multiply-adds", row.macs.toLocaleString("en")]);
    return [...facts, ...(row.details || [])].filter(([, value]) => value);
  }

  source(sources, place, bad = []) {
    if (!place || sources[place.file] === undefined) {
      this.file.textContent = "";
      this.spec.replaceChildren();
      return;
    }
    this.file.textContent = place.line ? `${place.file}:${place.line}` : place.file;
    const text = sources[place.file];
    if (this.shown !== text) this.lines(text);
    this.shown = text;
    [...this.spec.children].forEach((line, index) => {
      line.classList.toggle("here", index + 1 === place.line);
      line.classList.toggle("bad", bad.includes(index + 1));
    });
    const here = this.spec.children[(place.line || bad[0] || 1) - 1];
    if (here) {
      this.spec.scrollTop = here.offsetTop - this.spec.offsetTop - this.spec.clientHeight / 3;
    }
  }

  lines(text) {
    this.spec.replaceChildren();
    text.split("\n").forEach((line, index) => {
      const made = element("div", undefined, this.spec);
      element("span", String(index + 1), made, "number");
      made.append(line);
    });
  }
}
