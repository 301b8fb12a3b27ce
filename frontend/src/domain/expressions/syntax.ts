/** The syntax tree of an expression, with the positions of every node (characters, `end` exclusive). */
interface Located {
  start: number;
  end: number;
}

export interface Literal extends Located {
  type: "literal";
  value: string | number | boolean | null;
}
export interface Name extends Located {
  type: "name";
  name: string;
}
export interface Select extends Located {
  type: "select";
  target: Node;
  field: string;
}
export interface Index extends Located {
  type: "index";
  target: Node;
  key: Node;
}
export interface Unary extends Located {
  type: "unary";
  operator: string;
  operand: Node;
}
export interface Binary extends Located {
  type: "binary";
  operator: string;
  left: Node;
  right: Node;
}
export interface Conditional extends Located {
  type: "conditional";
  test: Node;
  yes: Node;
  no: Node;
}
export interface ListOf extends Located {
  type: "list";
  items: Node[];
}
export interface MapOf extends Located {
  type: "map";
  entries: [Node, Node][];
}
/** `f(a, b)`; `a.f(b)` is the same call with the target as its first argument. */
export interface Call extends Located {
  type: "call";
  function: string;
  arguments: Node[];
}
/** `list.all(x, …)`, `exists`, `filter` or `map`. */
export interface Comprehension extends Located {
  type: "comprehension";
  macro: string;
  over: Node;
  variable: string;
  body: Node;
}

export type Node =
  | Literal
  | Name
  | Select
  | Index
  | Unary
  | Binary
  | Conditional
  | ListOf
  | MapOf
  | Call
  | Comprehension;

/** Return the nodes directly below a node, in the order they are written. */
export function children(node: Node): Node[] {
  switch (node.type) {
    case "literal":
    case "name":
      return [];
    case "select":
      return [node.target];
    case "index":
      return [node.target, node.key];
    case "unary":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "conditional":
      return [node.test, node.yes, node.no];
    case "list":
      return node.items;
    case "map":
      return node.entries.flat();
    case "call":
      return node.arguments;
    case "comprehension":
      return [node.over, node.body];
  }
}
