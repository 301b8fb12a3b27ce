import { useEffect, useRef } from "react";
import styles from "./hint.module.css";
import { followHints } from "./hints";

/** The label of whatever has `data-hint`; there is one for the whole page, and it is drawn when it is wanted. */
export function HintLayer() {
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => (layer.current ? followHints(layer.current) : undefined), []);
  return <div ref={layer} id="hint" role="tooltip" popover="manual" className={styles.hint} />;
}
