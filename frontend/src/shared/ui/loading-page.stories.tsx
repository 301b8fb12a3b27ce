import { LoadingPage } from "./loading-page";

/** A page on its way: a sign of life after a moment. */
export default { title: "Loading page" };

export const Loading = () => <LoadingPage />;
