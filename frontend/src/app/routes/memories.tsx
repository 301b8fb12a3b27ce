export { MemoriesPage as default } from "@/features/memory/memories-page";
