import { ChatPage } from "@/features/chat/chat-page";

export default ChatPage;
