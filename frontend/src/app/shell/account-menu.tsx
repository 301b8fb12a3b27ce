import { Suspense, useState } from "react";
import { useFetchedAhead } from "@/shared/hooks/use-after-paint";
import { late } from "@/shared/lib/late";
import { AccountButton } from "./account-button";

const load = () => import("./account-choices");
const AccountChoices = late(load);

/** The person's own menu; what is in it comes after the page has been drawn, or when it is asked for. */
export function AccountMenu() {
  const [isOpen, setIsOpen] = useState(false);
  const [wasAsked, setWasAsked] = useState(false);
  useFetchedAhead(load);
  const ask = () => {
    setWasAsked(true);
    setIsOpen(true);
  };
  const button = <AccountButton onClick={ask} />;
  if (!wasAsked) return button;
  return (
    <Suspense fallback={button}>
      <AccountChoices isOpen={isOpen} onChange={setIsOpen} />
    </Suspense>
  );
}
