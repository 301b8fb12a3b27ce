export { TemplatesPage as default } from "@/features/templates/templates-page";
