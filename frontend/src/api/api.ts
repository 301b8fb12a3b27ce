/** The generated client with what must be read again after each change; import hooks from here or `generated`. */
import { api as generated } from "./generated";

export const api = generated.enhanceEndpoints({
  addTagTypes: ["me"],
  endpoints: {
    // The catalogue changes with the server's version only.
    listStepTypes: { keepUnusedDataFor: 3_600 },
    // The draft is changed by autosave, which knows the new state itself; a list shows it when it is opened.
    replaceWorkflow: { invalidatesTags: [] },
    getWorkflow: { providesTags: [], keepUnusedDataFor: 0 },
    // The ways in are the server's, and a refused password does not change them.
    listSignInProviders: { providesTags: [] },
    // It only asks; the collections are the same after it.
    searchMemory: { invalidatesTags: [] },
    validateSource: { invalidatesTags: [] },
    // What is edited as a whole is read anew whenever its page is opened.
    getRules: { keepUnusedDataFor: 0 },
    getWorkflowSharing: { keepUnusedDataFor: 0 },
    // Who is told that others were faster keeps what they chose until they say so.
    replaceWorkflowSharing: { invalidatesTags: (_, error) => (error ? [] : ["workflows"]) },
    getSettings: { keepUnusedDataFor: 0 },
    // What a person likes is applied before it is sent.
    savePreferences: { invalidatesTags: [] },
    // The settings name the default, and the models say which of them it is.
    replaceSettings: { invalidatesTags: ["settings", "models"] },
  },
});
