export { SharingPage as default } from "@/features/sharing/sharing-page";
