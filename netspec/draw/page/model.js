"use strict";
// The drawing model: which blocks are open, and the DOT of what is then seen.
// It says again what levels.py, wires.py and dot.py say; the tests compare the two.

class Model {
  constructor(data) {
    this.data = data;
    this.items = new Map(data.items.map((item) => [item.id, item]));
    this.children = new Map();
    for (const item of data.items) {
      const siblings = this.children.get(item.parent) || [];
      siblings.push(item);
      this.children.set(item.parent, siblings);
    }
    this.open = new Set(data.open);
  }

  isBlock(id) { return this.children.has(id); }

  ancestors(id) {
    const found = [];
    for (let at = this.items.get(id).parent; at; at = this.items.get(at).parent) found.push(at);
    return found;
  }

  // What stands for an item: itself, or the outermost closed block around it.
  shown(id) {
    const closed = this.ancestors(id).filter((block) => !this.open.has(block));
    return closed.length ? closed[closed.length - 1] : id;
  }

  toggle(id) {
    if (this.open.has(id)) this.open.delete(id);
    else this.open.add(id);
  }

  reveal(id) {
    for (const block of this.ancestors(id)) this.open.add(block);
  }

  edges() {
    const found = new Map();
    for (const edge of this.data.edges) {
      const [source, target] = [this.shown(edge.source), this.shown(edge.target)];
      if (source === target) continue;
      const key = JSON.stringify([source, target, edge.shape]);
      const main = edge.main || (found.has(key) && found.get(key).main);
      found.set(key, { ...edge, source, target, main });
    }
    return [...found.values()];
  }

  dot(direction) {
    const lines = [this.data.opening.replace("rankdir=TB", `rankdir=${direction}`)];
    for (const item of this.children.get("") || []) this.write(item, 0, lines);
    const wires = new Wires(this, this.edges());
    for (const edge of wires.edges) lines.push(wires.write(edge, direction));
    return lines.join("\n") + "\n}\n";
  }

  write(item, level, lines) {
    if (!this.open.has(item.id) || !this.isBlock(item.id)) {
      lines.push(item.leaf);
      return;
    }
    lines.push(level % 2 ? item.inner : item.cluster);
    for (const child of this.children.get(item.id)) this.write(child, level + 1, lines);
    lines.push("}");
  }
}

// How edges are drawn: which carry a label, which are straight, where they end.
class Wires {
  constructor(model, edges) {
    this.model = model;
    this.edges = edges;
    this.outs = Wires.tally(edges, "source");
    this.ins = Wires.tally(edges, "target");
    this.begin = new Set(edges.filter((edge) => edge.main).map((edge) => edge.source));
    this.labelled = this.choose();
  }

  static tally(edges, end) {
    const counts = new Map();
    for (const edge of edges) counts.set(edge[end], (counts.get(edge[end]) || 0) + 1);
    return counts;
  }

  item(id) { return this.model.items.get(id); }
  home(id) { return this.item(id).parent; }
  isFork(id) { return this.item(id).kind === "fork"; }

  // Whether the main line goes into the block around an item by this item.
  isDoor(id) {
    const home = this.home(id);
    if (home === "") return false;
    const inside = this.model.children.get(home);
    const door = inside.find((child) => child.kind === "fork" && this.begin.has(child.id));
    return (door || inside[0]).id === id;
  }

  isSideDoor(id) { return this.isFork(id) && !this.isDoor(id); }

  weight(edge) {
    if (this.isSideDoor(edge.target)) return 1;
    if (this.isSideDoor(edge.source)) return 3;
    if (edge.main) return 500;
    if (this.outs.get(edge.source) === 1 && this.ins.get(edge.target) === 1) return 200;
    return this.item(edge.target).kind === "join" ? 1 : 2;
  }

  head(edge) {
    if (!this.isDoor(edge.target)) return "";
    const home = this.home(edge.target);
    return this.model.ancestors(edge.source).includes(home) ? "" : home;
  }

  isPlain(edge) {
    const near = this.home(edge.source) === this.home(edge.target);
    return near && !edge.name && this.weight(edge) >= 200;
  }

  isSkip(edge) {
    return this.home(edge.source) === this.home(edge.target) && this.weight(edge) === 1;
  }

  choose() {
    const feeds = new Map();
    for (const edge of this.edges) {
      if (!feeds.has(edge.target)) feeds.set(edge.target, new Set());
      feeds.get(edge.target).add(edge.shape);
    }
    const chosen = new Map();
    const order = [...this.edges].sort((a, b) => Number(b.main) - Number(a.main));
    for (const edge of order) {
      const near = this.home(edge.source) === this.home(edge.target);
      const fed = feeds.get(edge.source);
      const same = !edge.name && fed !== undefined && fed.size === 1 && fed.has(edge.shape);
      const key = JSON.stringify([edge.source, edge.name, edge.shape]);
      if (!this.isFork(edge.source) && !(near && same) && !chosen.has(key)) {
        chosen.set(key, edge);
      }
    }
    return new Set(chosen.values());
  }

  write(edge, direction) {
    const straight = direction === "TB" && this.isPlain(edge);
    const blank = direction === "LR" && this.isSkip(edge) ? this.model.data.room : "";
    const label = this.labelled.has(edge) ? (straight ? edge.beside : edge.across) : blank;
    const head = this.head(edge);
    const end = head ? ` lhead=${Wires.quote(`cluster:${head}`)}` : "";
    const ends = `${Wires.quote(edge.source)} -> ${Wires.quote(edge.target)}`;
    return `${ends} [${label} ${edge.rest} weight=${this.weight(edge)}${end}]`;
  }

  // Names hold letters, digits and . > + _ alone, see the language's rule for names.
  static quote(name) { return `"${name.replace(/[^A-Za-z0-9_.>+:-]/g, "_")}"`; }
}
