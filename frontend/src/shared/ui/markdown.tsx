import { createContext, memo, type ReactNode, useContext } from "react";
import ReactMarkdown, { type Components, type ExtraProps } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import styles from "./markdown.module.css";
import { blocksOf } from "./markdown-blocks";

type Node = NonNullable<ExtraProps["node"]>["children"][number] | ExtraProps["node"];

const REHYPE = [rehypeSanitize];
const REMARK = [remarkGfm];
const IsInLink = createContext(false);

/** Text of models and tools is hostile: no HTML, links leave the page, pictures are links and never load by themselves. */
const COMPONENTS: Components = {
  a: ({ href, children, node }) => (
    <OutLink href={href} said={textOf(node)}>
      {children}
    </OutLink>
  ),
  img: ({ src, alt }) => {
    const href = typeof src === "string" ? src : undefined;
    const words = alt || hostOf(href);
    return (
      <OutLink href={href} said={words}>
        {words}
      </OutLink>
    );
  },
};

/** A link that says where it leads, whatever its words say. */
function OutLink(props: { href: string | undefined; said: string; children: ReactNode }) {
  const { href, said, children } = props;
  const host = hostOf(href);
  if (useContext(IsInLink) || !href) return <span>{children}</span>;
  return (
    <IsInLink value={true}>
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
        {host && !said.includes(host) && <span className={styles.host}> ({host})</span>}
      </a>
    </IsInLink>
  );
}

/** Return the host of an address elsewhere; an address of this page has none to tell of. */
function hostOf(href: string | undefined): string {
  if (!href || !URL.canParse(href, location.href)) return "";
  const { host } = new URL(href, location.href);
  return host === location.host ? "" : host;
}

function textOf(node: Node): string {
  if (!node) return "";
  if (node.type === "text") return node.value;
  return "children" in node ? node.children.map(textOf).join("") : "";
}

export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      {blocksOf(text).map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text only grows; its place is what a block is known by
        <Block key={at} text={block} />
      ))}
    </div>
  );
}

/** Drawn again only when its own words are others: of an answer that is being said that is the last one. */
const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown components={COMPONENTS} rehypePlugins={REHYPE} remarkPlugins={REMARK}>
      {text}
    </ReactMarkdown>
  );
});
