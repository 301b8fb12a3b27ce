/** The files of a build as the real gateway sends them: compressed, and the document under its policy. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const BUILT = fileURLToPath(new URL("../../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};
/** What is smaller is sent as it is. */
const GZIP_FROM_BYTES = 1_024;

export class PageFiles {
  private readonly folder: string;
  private readonly compressed = new Map<string, Buffer>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Send a file of the build, else its one document. */
  async send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = join(this.folder, normalize(path));
    const type = TYPES[extname(path)];
    if (!type || !file.startsWith(this.folder)) return this.sendDocument(response);
    const found = await readFile(file).catch(() => undefined);
    if (!found) {
      response.writeHead(404, { "content-type": "text/plain" }).end();
      return;
    }
    const isSmall = found.length < GZIP_FROM_BYTES;
    if (isSmall || !/\bgzip\b/.test(String(request.headers["accept-encoding"]))) {
      response.writeHead(200, { "content-type": type }).end(found);
      return;
    }
    const body = this.compressed.get(file) ?? gzipSync(found);
    this.compressed.set(file, body);
    response.writeHead(200, { "content-type": type, "content-encoding": "gzip" }).end(body);
  }

  private async sendDocument(response: ServerResponse): Promise<void> {
    const nonce = crypto.randomUUID().replaceAll("-", "");
    const document = await readFile(join(this.folder, "index.html"), "utf8");
    response
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": policy(nonce),
      })
      .end(document.replaceAll("__CSP_NONCE__", nonce));
  }
}

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join("; ");
}
