/** The part of the fake gateway that lets people in: passwords, codes, providers, mailed links, workspaces. */
import { HttpResponse, http } from "msw";
import type {
  AcceptInvitationWrite,
  CreateWorkspace,
  ForgottenPassword,
  InvitationSeen,
  InvitationTokenWrite,
  LogInWrite,
  Me,
  ResetPasswordWrite,
  SignInProvider,
} from "@/api/generated";
import { problem } from "./problem";

/** Whom the gateway thinks it is talking to. */
interface Signed {
  isSignedIn: boolean;
  me: Me;
}
/** Its traces begin with the last 16 digits. */
export const SESSION = "0190f0e3-7c9b-7d2e-9f84-48eb211c8031";
const REFUSED = ["Invitation not found", "/problems/invitation-not-found"] as const;

/** What the fake keeps; a test looks into it and changes it. */
export class FakeDoor {
  /** The code that is asked for beside a password; none: the password is enough. */
  code = "";
  recoveryCodes: string[] = [];
  providers: SignInProvider[] = [];
  /** What can be accepted, by the secret of its link. */
  readonly invitations = new Map<string, InvitationSeen>();
  /** Addresses that have an account already. */
  readonly accounts = new Set<string>();
  /** Secrets of links to a new password. */
  readonly resets = new Set<string>();
  /** Addresses that asked for such a link. */
  readonly forgotten: string[] = [];
  /** Beside the one that people come in to. */
  workspaces: Me["workspace"][] = [];
  private readonly signed: Signed;

  constructor(signed: Signed) {
    this.signed = signed;
  }

  invite(token: string, more: Partial<InvitationSeen> = {}): InvitationSeen {
    const seen: InvitationSeen = {
      workspace: { id: "0190-harbour", name: "Harbour office" },
      email: "eve@example.org",
      role: "editor",
      expires_at: "2120-01-01T00:00:00Z",
      ...more,
    };
    this.invitations.set(token, seen);
    return seen;
  }

  /** As the gateway's: a JWT whose claims say which session and workspace it is for. */
  session() {
    const { user, workspace } = this.signed.me;
    const access_token = `e30.${btoa(JSON.stringify({ sid: SESSION, ws: workspace.id }))}.fake`;
    return { access_token, expires_in: 300, token_type: "bearer" as const, user };
  }

  handlers() {
    return [...this.entrance(), ...this.links(), ...this.places()];
  }

  private enter(status: number) {
    this.signed.isSignedIn = true;
    return HttpResponse.json(this.session(), { status });
  }

  private entrance() {
    return [
      http.post("*/v1/auth/refresh", () =>
        this.signed.isSignedIn
          ? HttpResponse.json(this.session())
          : problem(401, "The session has ended", "/problems/session-ended"),
      ),
      http.post("*/v1/auth/login", async ({ request }) => {
        const { totp } = (await request.json()) as LogInWrite;
        if (!this.code) return this.enter(200);
        if (!totp) return problem(401, "A code is asked for", "/problems/second-factor-required");
        const kept = this.recoveryCodes.indexOf(totp);
        if (kept >= 0) this.recoveryCodes.splice(kept, 1);
        else if (totp !== this.code) return problem(401, "Wrong code", "/problems/wrong-code");
        return this.enter(200);
      }),
      http.post("*/v1/auth/setup", () => this.enter(201)),
      http.post("*/v1/auth/logout", () => {
        this.signed.isSignedIn = false;
        return new HttpResponse(null, { status: 204 });
      }),
      http.get("*/v1/auth/providers", () =>
        HttpResponse.json({ password: true, items: this.providers }),
      ),
    ];
  }

  private links() {
    return [
      http.post("*/v1/auth/password/forgot", async ({ request }) => {
        this.forgotten.push(((await request.json()) as ForgottenPassword).email);
        return HttpResponse.json(null, { status: 202 });
      }),
      http.post("*/v1/auth/password/reset", async ({ request }) => {
        const { token } = (await request.json()) as ResetPasswordWrite;
        if (!this.resets.delete(token))
          return problem(404, "The link does not work", "/problems/reset-link-not-found");
        this.signed.isSignedIn = false;
        return new HttpResponse(null, { status: 204 });
      }),
      http.post("*/v1/auth/invitation", async ({ request }) => {
        const { token } = (await request.json()) as InvitationTokenWrite;
        const seen = this.invitations.get(token);
        return seen ? HttpResponse.json(seen) : problem(404, ...REFUSED);
      }),
      http.post("*/v1/auth/invitation/accept", async ({ request }) => {
        const { token } = (await request.json()) as AcceptInvitationWrite;
        const seen = this.invitations.get(token);
        if (!seen) return problem(404, ...REFUSED);
        if (this.accounts.has(seen.email))
          return problem(409, "This address has an account", "/problems/address-taken");
        this.invitations.delete(token);
        const user = { id: "0190-eve", email: seen.email };
        this.signed.me = { ...this.signed.me, user, workspace: seen.workspace, role: seen.role };
        return this.enter(201);
      }),
      http.post("*/v1/invitations/accept", async ({ request }) => {
        const { token } = (await request.json()) as InvitationTokenWrite;
        const seen = this.invitations.get(token);
        if (!seen) return problem(404, ...REFUSED);
        this.invitations.delete(token);
        this.workspaces.push(seen.workspace);
        return HttpResponse.json(seen.workspace);
      }),
    ];
  }

  private places() {
    const all = () => {
      const { workspace } = this.signed.me;
      const others = this.workspaces.filter(({ id }) => id !== workspace.id);
      return [workspace, ...others].toSorted((one, other) => one.id.localeCompare(other.id));
    };
    return [
      http.get("*/v1/workspaces", () => {
        const { workspace, role } = this.signed.me;
        const items = all().map((one) => ({ ...one, role, current: one.id === workspace.id }));
        return HttpResponse.json({ items, next_cursor: null });
      }),
      http.post("*/v1/workspaces", async ({ request }) => {
        const { name } = (await request.json()) as CreateWorkspace;
        const made = { id: `0190-workspace-${this.workspaces.length + 2}`, name };
        this.workspaces.push(made);
        return HttpResponse.json(made, { status: 201 });
      }),
      http.post("*/v1/workspaces/:id/switch", ({ params }) => {
        const known = all();
        const workspace = known.find(({ id }) => id === params.id);
        if (!workspace) return problem(404, "Workspace not found");
        this.workspaces = known;
        this.signed.me = { ...this.signed.me, workspace };
        return HttpResponse.json(this.session());
      }),
    ];
  }
}
