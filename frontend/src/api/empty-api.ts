/** The API without endpoints: `generated.ts` adds those of the gateway. */
import { createApi } from "@reduxjs/toolkit/query/react";
import { baseQuery } from "./base-query";

export const emptyApi = createApi({
  baseQuery,
  endpoints: () => ({}),
  refetchOnReconnect: true,
  keepUnusedDataFor: 60,
});
