/** What the page shows stands in its address, so that a link leads back to it. */
import { useSearchParams } from "react-router";

export type View = "documents" | "search";

export function useShown() {
  const [address, setAddress] = useSearchParams();
  const show = (change: Record<string, string | null>) => {
    const next = new URLSearchParams(address);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    setAddress(next, { replace: true });
  };
  const view: View = address.get("view") === "search" ? "search" : "documents";
  return { collection: address.get("collection"), document: address.get("document"), view, show };
}
