export { SettingsFrame as default } from "@/features/settings/frame/settings-frame";
