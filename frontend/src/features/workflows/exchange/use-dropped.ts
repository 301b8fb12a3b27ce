/** Takes what is dropped on the page or pasted into it, where nobody is writing. */
import { useEffect, useState } from "react";
import { formatOf, type Given } from "./format-of";
import { readFiles } from "./read-files";

export function useDropped(isAllowed: boolean, onGiven: (given: Given) => void) {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    if (!isAllowed) return;
    const paste = (event: ClipboardEvent) => {
      const at = event.target instanceof Element ? event.target : undefined;
      if (at?.closest("input, textarea, [contenteditable], [role=dialog]")) return;
      const given = { source: event.clipboardData?.getData("text") ?? "", agents: "" };
      // Any other text was meant for something else.
      if (formatOf(given)) onGiven(given);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [isAllowed, onGiven]);
  const zone = {
    onDragOver: (event: React.DragEvent) => {
      if (!isAllowed || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setIsOver(true);
    },
    onDragLeave: (event: React.DragEvent) => {
      if (event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))
        return;
      setIsOver(false);
    },
    onDrop: (event: React.DragEvent) => {
      if (!isAllowed || event.dataTransfer.files.length === 0) return;
      event.preventDefault();
      setIsOver(false);
      void readFiles([...event.dataTransfer.files]).then(onGiven);
    },
  };
  return { isOver, zone };
}
