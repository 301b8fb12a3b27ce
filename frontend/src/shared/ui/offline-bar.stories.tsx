import { OfflineBar } from "./offline-bar";

/** There while the browser has no network. */
export default { title: "OfflineBar" };

export const Standing = () => <OfflineBar />;
