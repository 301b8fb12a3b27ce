import type { ReactNode } from "react";
import markUrl from "@/shared/ui/mark.svg";
import styles from "./auth.module.css";

/** The card on which people sign in and set up. */
export function AuthFrame({
  title,
  text,
  children,
}: {
  title: string;
  text: string;
  children: ReactNode;
}) {
  return (
    <div className={styles.screen}>
      <Weave />
      <main className={styles.card}>
        <img src={markUrl} alt="Flowloom" width={44} height={44} />
        <h1 className={styles.title}>{title}</h1>
        <p className={styles.text}>{text}</p>
        {children}
      </main>
    </div>
  );
}

/** Threads that run through the background. */
function Weave() {
  const threads = Array.from({ length: 9 }, (_, row) => row);
  return (
    <svg
      className={styles.weave}
      viewBox="0 0 1200 800"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden
    >
      {threads.map((row) => (
        <path
          key={row}
          d={`M-40 ${60 + row * 90} C 260 ${60 + row * 90}, 330 ${690 - row * 78}, 620 ${690 - row * 78} S 980 ${40 + row * 92}, 1240 ${40 + row * 92}`}
        />
      ))}
    </svg>
  );
}
