/** When things happened that nobody gave a time: a little while ago, as on a page that is in use. */
export const RECENTLY = new Date(Date.now() - 3 * 3_600_000).toISOString();
