import type { ThunkDispatch, UnknownAction } from "@reduxjs/toolkit";
/** Dispatches actions and thunks of any slice. */
import { useDispatch } from "react-redux";

export type AppDispatch = ThunkDispatch<unknown, unknown, UnknownAction>;
export const useAppDispatch = useDispatch.withTypes<AppDispatch>();
