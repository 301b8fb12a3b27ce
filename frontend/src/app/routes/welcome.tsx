export { WelcomePage as default } from "@/features/auth/welcome-page";
