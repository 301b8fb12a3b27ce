import { emptyApi as api } from "./empty-api";
export const addTagTypes = [
  "triggers",
  "agents",
  "api-keys",
  "approvals",
  "audit",
  "workspaces",
  "auth",
  "budgets",
  "client-errors",
  "memory",
  "chat",
  "evaluation",
  "workflows",
  "mcp-servers",
  "models",
  "notifications",
  "settings",
  "runs",
  "rules",
  "secrets",
  "stats",
  "templates",
  "usage",
  "versions",
] as const;
const injectedRtkApi = api
  .enhanceEndpoints({
    addTagTypes,
  })
  .injectEndpoints({
    endpoints: (build) => ({
      receiveHook: build.mutation<ReceiveHookApiResponse, ReceiveHookApiArg>({
        query: (queryArg) => ({
          url: `/hooks/${queryArg.hookId}`,
          method: "POST",
        }),
        invalidatesTags: ["triggers"],
      }),
      listAgents: build.query<ListAgentsApiResponse, ListAgentsApiArg>({
        query: () => ({ url: `/v1/agents` }),
        providesTags: ["agents"],
      }),
      deleteAgent: build.mutation<DeleteAgentApiResponse, DeleteAgentApiArg>({
        query: (queryArg) => ({
          url: `/v1/agents/${queryArg.name}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["agents"],
      }),
      getAgent: build.query<GetAgentApiResponse, GetAgentApiArg>({
        query: (queryArg) => ({ url: `/v1/agents/${queryArg.name}` }),
        providesTags: ["agents"],
      }),
      saveAgent: build.mutation<SaveAgentApiResponse, SaveAgentApiArg>({
        query: (queryArg) => ({
          url: `/v1/agents/${queryArg.name}`,
          method: "PUT",
          body: queryArg.agentDefinition,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["agents"],
      }),
      listApiClients: build.query<
        ListApiClientsApiResponse,
        ListApiClientsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/api-clients`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["api-keys"],
      }),
      createApiClient: build.mutation<
        CreateApiClientApiResponse,
        CreateApiClientApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/api-clients`,
          method: "POST",
          body: queryArg.createApiClient,
        }),
        invalidatesTags: ["api-keys"],
      }),
      revokeApiClient: build.mutation<
        RevokeApiClientApiResponse,
        RevokeApiClientApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/api-clients/${queryArg.clientId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["api-keys"],
      }),
      rotateApiClient: build.mutation<
        RotateApiClientApiResponse,
        RotateApiClientApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/api-clients/${queryArg.clientId}/rotate`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["api-keys"],
      }),
      listApiKeys: build.query<ListApiKeysApiResponse, ListApiKeysApiArg>({
        query: (queryArg) => ({
          url: `/v1/api-keys`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["api-keys"],
      }),
      createApiKey: build.mutation<CreateApiKeyApiResponse, CreateApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/api-keys`,
            method: "POST",
            body: queryArg.createApiKey,
          }),
          invalidatesTags: ["api-keys"],
        },
      ),
      revokeApiKey: build.mutation<RevokeApiKeyApiResponse, RevokeApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/api-keys/${queryArg.keyId}`,
            method: "DELETE",
          }),
          invalidatesTags: ["api-keys"],
        },
      ),
      rotateApiKey: build.mutation<RotateApiKeyApiResponse, RotateApiKeyApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/api-keys/${queryArg.keyId}/rotate`,
            method: "POST",
            body: queryArg.body,
          }),
          invalidatesTags: ["api-keys"],
        },
      ),
      listApprovals: build.query<ListApprovalsApiResponse, ListApprovalsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/approvals`,
            params: {
              status: queryArg.status,
              run_id: queryArg.runId,
              mine: queryArg.mine,
              cursor: queryArg.cursor,
              limit: queryArg.limit,
            },
          }),
          providesTags: ["approvals"],
        },
      ),
      getApproval: build.query<GetApprovalApiResponse, GetApprovalApiArg>({
        query: (queryArg) => ({ url: `/v1/approvals/${queryArg.approvalId}` }),
        providesTags: ["approvals"],
      }),
      decideApproval: build.mutation<
        DecideApprovalApiResponse,
        DecideApprovalApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/approvals/${queryArg.approvalId}/decision`,
          method: "POST",
          body: queryArg.decisionBody,
        }),
        invalidatesTags: ["approvals"],
      }),
      listAuditEntries: build.query<
        ListAuditEntriesApiResponse,
        ListAuditEntriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/audit`,
          params: {
            action: queryArg.action,
            outcome: queryArg.outcome,
            actor_id: queryArg.actorId,
            target_kind: queryArg.targetKind,
            target_id: queryArg.targetId,
            since: queryArg.since,
            until: queryArg.until,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["audit"],
      }),
      exportAuditEntries: build.query<
        ExportAuditEntriesApiResponse,
        ExportAuditEntriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/audit/export`,
          params: {
            format: queryArg.format,
          },
        }),
        providesTags: ["audit"],
      }),
      seeInvitation: build.mutation<
        SeeInvitationApiResponse,
        SeeInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/invitation`,
          method: "POST",
          body: queryArg.invitationToken,
        }),
        invalidatesTags: ["workspaces"],
      }),
      acceptInvitationAsNew: build.mutation<
        AcceptInvitationAsNewApiResponse,
        AcceptInvitationAsNewApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/invitation/accept`,
          method: "POST",
          body: queryArg.acceptInvitation,
        }),
        invalidatesTags: ["workspaces"],
      }),
      logIn: build.mutation<LogInApiResponse, LogInApiArg>({
        query: (queryArg) => ({
          url: `/v1/auth/login`,
          method: "POST",
          body: queryArg.logIn,
        }),
        invalidatesTags: ["auth"],
      }),
      logOut: build.mutation<LogOutApiResponse, LogOutApiArg>({
        query: () => ({ url: `/v1/auth/logout`, method: "POST" }),
        invalidatesTags: ["auth"],
      }),
      finishOidcSignIn: build.query<
        FinishOidcSignInApiResponse,
        FinishOidcSignInApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/oidc/${queryArg.provider}/callback`,
          params: {
            state: queryArg.state,
            code: queryArg.code,
            iss: queryArg.iss,
          },
        }),
        providesTags: ["auth"],
      }),
      startOidcSignIn: build.query<
        StartOidcSignInApiResponse,
        StartOidcSignInApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/oidc/${queryArg.provider}/start`,
          params: {
            next: queryArg.next,
          },
        }),
        providesTags: ["auth"],
      }),
      forgetPassword: build.mutation<
        ForgetPasswordApiResponse,
        ForgetPasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/password/forgot`,
          method: "POST",
          body: queryArg.forgottenPassword,
        }),
        invalidatesTags: ["auth"],
      }),
      resetPassword: build.mutation<
        ResetPasswordApiResponse,
        ResetPasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/auth/password/reset`,
          method: "POST",
          body: queryArg.resetPassword,
        }),
        invalidatesTags: ["auth"],
      }),
      listSignInProviders: build.query<
        ListSignInProvidersApiResponse,
        ListSignInProvidersApiArg
      >({
        query: () => ({ url: `/v1/auth/providers` }),
        providesTags: ["auth"],
      }),
      refreshSession: build.mutation<
        RefreshSessionApiResponse,
        RefreshSessionApiArg
      >({
        query: () => ({ url: `/v1/auth/refresh`, method: "POST" }),
        invalidatesTags: ["auth"],
      }),
      setUp: build.mutation<SetUpApiResponse, SetUpApiArg>({
        query: (queryArg) => ({
          url: `/v1/auth/setup`,
          method: "POST",
          body: queryArg.setUp,
        }),
        invalidatesTags: ["auth"],
      }),
      listBudgets: build.query<ListBudgetsApiResponse, ListBudgetsApiArg>({
        query: () => ({ url: `/v1/budgets` }),
        providesTags: ["budgets"],
      }),
      replaceBudgets: build.mutation<
        ReplaceBudgetsApiResponse,
        ReplaceBudgetsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/budgets`,
          method: "PUT",
          body: queryArg.saveBudgets,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["budgets"],
      }),
      reportClientError: build.mutation<
        ReportClientErrorApiResponse,
        ReportClientErrorApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/client-errors`,
          method: "POST",
          body: queryArg.clientError,
        }),
        invalidatesTags: ["client-errors"],
      }),
      listCollections: build.query<
        ListCollectionsApiResponse,
        ListCollectionsApiArg
      >({
        query: () => ({ url: `/v1/collections` }),
        providesTags: ["memory"],
      }),
      createCollection: build.mutation<
        CreateCollectionApiResponse,
        CreateCollectionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/collections`,
          method: "POST",
          body: queryArg.newCollection,
        }),
        invalidatesTags: ["memory"],
      }),
      deleteCollection: build.mutation<
        DeleteCollectionApiResponse,
        DeleteCollectionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/collections/${queryArg.name}`,
          method: "DELETE",
        }),
        invalidatesTags: ["memory"],
      }),
      getCollection: build.query<GetCollectionApiResponse, GetCollectionApiArg>(
        {
          query: (queryArg) => ({ url: `/v1/collections/${queryArg.name}` }),
          providesTags: ["memory"],
        },
      ),
      saveCollection: build.mutation<
        SaveCollectionApiResponse,
        SaveCollectionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/collections/${queryArg.name}`,
          method: "PUT",
          body: queryArg.saveCollection,
        }),
        invalidatesTags: ["memory"],
      }),
      exportCollection: build.query<
        ExportCollectionApiResponse,
        ExportCollectionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/collections/${queryArg.name}/export`,
        }),
        providesTags: ["memory"],
      }),
      listConversations: build.query<
        ListConversationsApiResponse,
        ListConversationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["chat"],
      }),
      beginConversation: build.mutation<
        BeginConversationApiResponse,
        BeginConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations`,
          method: "POST",
          body: queryArg.newConversation,
        }),
        invalidatesTags: ["chat"],
      }),
      deleteConversation: build.mutation<
        DeleteConversationApiResponse,
        DeleteConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["chat"],
      }),
      getConversation: build.query<
        GetConversationApiResponse,
        GetConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}`,
        }),
        providesTags: ["chat"],
      }),
      changeConversation: build.mutation<
        ChangeConversationApiResponse,
        ChangeConversationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}`,
          method: "PATCH",
          body: queryArg.changeConversation,
        }),
        invalidatesTags: ["chat"],
      }),
      listMessages: build.query<ListMessagesApiResponse, ListMessagesApiArg>({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}/messages`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["chat"],
      }),
      sendMessage: build.mutation<SendMessageApiResponse, SendMessageApiArg>({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}/messages`,
          method: "POST",
          body: queryArg.sendMessage,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["chat"],
      }),
      regenerateAnswer: build.mutation<
        RegenerateAnswerApiResponse,
        RegenerateAnswerApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}/messages/${queryArg.messageId}/regenerate`,
          method: "POST",
          body: queryArg.body,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["chat"],
      }),
      stopAnswer: build.mutation<StopAnswerApiResponse, StopAnswerApiArg>({
        query: (queryArg) => ({
          url: `/v1/conversations/${queryArg.conversationId}/messages/${queryArg.messageId}/stop`,
          method: "POST",
        }),
        invalidatesTags: ["chat"],
      }),
      listDatasets: build.query<ListDatasetsApiResponse, ListDatasetsApiArg>({
        query: (queryArg) => ({
          url: `/v1/datasets`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["evaluation"],
      }),
      createDataset: build.mutation<
        CreateDatasetApiResponse,
        CreateDatasetApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/datasets`,
          method: "POST",
          body: queryArg.saveDataset,
        }),
        invalidatesTags: ["evaluation"],
      }),
      deleteDataset: build.mutation<
        DeleteDatasetApiResponse,
        DeleteDatasetApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/datasets/${queryArg.datasetId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["evaluation"],
      }),
      getDataset: build.query<GetDatasetApiResponse, GetDatasetApiArg>({
        query: (queryArg) => ({ url: `/v1/datasets/${queryArg.datasetId}` }),
        providesTags: ["evaluation"],
      }),
      replaceDataset: build.mutation<
        ReplaceDatasetApiResponse,
        ReplaceDatasetApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/datasets/${queryArg.datasetId}`,
          method: "PUT",
          body: queryArg.saveDataset,
        }),
        invalidatesTags: ["evaluation"],
      }),
      listDocuments: build.query<ListDocumentsApiResponse, ListDocumentsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/documents`,
            params: {
              collection: queryArg.collection,
              status: queryArg.status,
              cursor: queryArg.cursor,
              limit: queryArg.limit,
            },
          }),
          providesTags: ["memory"],
        },
      ),
      uploadDocument: build.mutation<
        UploadDocumentApiResponse,
        UploadDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents`,
          method: "POST",
          body: queryArg.body,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["memory"],
      }),
      deleteDocument: build.mutation<
        DeleteDocumentApiResponse,
        DeleteDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["memory"],
      }),
      getDocument: build.query<GetDocumentApiResponse, GetDocumentApiArg>({
        query: (queryArg) => ({ url: `/v1/documents/${queryArg.documentId}` }),
        providesTags: ["memory"],
      }),
      downloadDocument: build.query<
        DownloadDocumentApiResponse,
        DownloadDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}/content`,
        }),
        providesTags: ["memory"],
      }),
      listDocumentPassages: build.query<
        ListDocumentPassagesApiResponse,
        ListDocumentPassagesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}/passages`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["memory"],
      }),
      quarantineDocument: build.mutation<
        QuarantineDocumentApiResponse,
        QuarantineDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}/quarantine`,
          method: "PUT",
          body: queryArg.quarantine,
        }),
        invalidatesTags: ["memory"],
      }),
      retryDocument: build.mutation<
        RetryDocumentApiResponse,
        RetryDocumentApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}/retry`,
          method: "POST",
        }),
        invalidatesTags: ["memory"],
      }),
      getDocumentText: build.query<
        GetDocumentTextApiResponse,
        GetDocumentTextApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/documents/${queryArg.documentId}/text`,
          params: {
            offset: queryArg.offset,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["memory"],
      }),
      listEvaluations: build.query<
        ListEvaluationsApiResponse,
        ListEvaluationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/evaluations`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["evaluation"],
      }),
      startEvaluation: build.mutation<
        StartEvaluationApiResponse,
        StartEvaluationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/evaluations`,
          method: "POST",
          body: queryArg.startEvaluation,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["evaluation"],
      }),
      getEvaluation: build.query<GetEvaluationApiResponse, GetEvaluationApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/evaluations/${queryArg.evaluationId}`,
          }),
          providesTags: ["evaluation"],
        },
      ),
      cancelEvaluation: build.mutation<
        CancelEvaluationApiResponse,
        CancelEvaluationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/evaluations/${queryArg.evaluationId}/cancel`,
          method: "POST",
        }),
        invalidatesTags: ["evaluation"],
      }),
      getEvaluationReport: build.query<
        GetEvaluationReportApiResponse,
        GetEvaluationReportApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/evaluations/${queryArg.evaluationId}/report`,
        }),
        providesTags: ["evaluation"],
      }),
      emitEvent: build.mutation<EmitEventApiResponse, EmitEventApiArg>({
        query: (queryArg) => ({
          url: `/v1/events`,
          method: "POST",
          body: queryArg.emitBody,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["triggers"],
      }),
      importWorkflow: build.mutation<
        ImportWorkflowApiResponse,
        ImportWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/import`,
          method: "POST",
          body: queryArg.importWorkflow,
        }),
        invalidatesTags: ["workflows"],
      }),
      listInvitations: build.query<
        ListInvitationsApiResponse,
        ListInvitationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["workspaces"],
      }),
      createInvitation: build.mutation<
        CreateInvitationApiResponse,
        CreateInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations`,
          method: "POST",
          body: queryArg.createInvitation,
        }),
        invalidatesTags: ["workspaces"],
      }),
      acceptInvitation: build.mutation<
        AcceptInvitationApiResponse,
        AcceptInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations/accept`,
          method: "POST",
          body: queryArg.invitationToken,
        }),
        invalidatesTags: ["workspaces"],
      }),
      revokeInvitation: build.mutation<
        RevokeInvitationApiResponse,
        RevokeInvitationApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/invitations/${queryArg.invitationId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["workspaces"],
      }),
      listMcpServers: build.query<
        ListMcpServersApiResponse,
        ListMcpServersApiArg
      >({
        query: () => ({ url: `/v1/mcp-servers` }),
        providesTags: ["mcp-servers"],
      }),
      createMcpServer: build.mutation<
        CreateMcpServerApiResponse,
        CreateMcpServerApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/mcp-servers`,
          method: "POST",
          body: queryArg.saveMcpServer,
        }),
        invalidatesTags: ["mcp-servers"],
      }),
      tryMcpServer: build.mutation<TryMcpServerApiResponse, TryMcpServerApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/mcp-servers/check`,
            method: "POST",
            body: queryArg.saveMcpServer,
          }),
          invalidatesTags: ["mcp-servers"],
        },
      ),
      deleteMcpServer: build.mutation<
        DeleteMcpServerApiResponse,
        DeleteMcpServerApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/mcp-servers/${queryArg.serverId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["mcp-servers"],
      }),
      getMcpServer: build.query<GetMcpServerApiResponse, GetMcpServerApiArg>({
        query: (queryArg) => ({ url: `/v1/mcp-servers/${queryArg.serverId}` }),
        providesTags: ["mcp-servers"],
      }),
      replaceMcpServer: build.mutation<
        ReplaceMcpServerApiResponse,
        ReplaceMcpServerApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/mcp-servers/${queryArg.serverId}`,
          method: "PUT",
          body: queryArg.saveMcpServer,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["mcp-servers"],
      }),
      checkMcpServer: build.mutation<
        CheckMcpServerApiResponse,
        CheckMcpServerApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/mcp-servers/${queryArg.serverId}/check`,
          method: "POST",
        }),
        invalidatesTags: ["mcp-servers"],
      }),
      describeMe: build.query<DescribeMeApiResponse, DescribeMeApiArg>({
        query: () => ({ url: `/v1/me` }),
        providesTags: ["auth"],
      }),
      changePassword: build.mutation<
        ChangePasswordApiResponse,
        ChangePasswordApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/me/password`,
          method: "POST",
          body: queryArg.changePassword,
        }),
        invalidatesTags: ["auth"],
      }),
      describeTotp: build.query<DescribeTotpApiResponse, DescribeTotpApiArg>({
        query: () => ({ url: `/v1/me/totp` }),
        providesTags: ["auth"],
      }),
      beginTotp: build.mutation<BeginTotpApiResponse, BeginTotpApiArg>({
        query: (queryArg) => ({
          url: `/v1/me/totp`,
          method: "POST",
          body: queryArg.confirmPassword,
        }),
        invalidatesTags: ["auth"],
      }),
      confirmTotp: build.mutation<ConfirmTotpApiResponse, ConfirmTotpApiArg>({
        query: (queryArg) => ({
          url: `/v1/me/totp/confirm`,
          method: "POST",
          body: queryArg.confirmCode,
        }),
        invalidatesTags: ["auth"],
      }),
      disableTotp: build.mutation<DisableTotpApiResponse, DisableTotpApiArg>({
        query: (queryArg) => ({
          url: `/v1/me/totp/disable`,
          method: "POST",
          body: queryArg.confirmPassword,
        }),
        invalidatesTags: ["auth"],
      }),
      renewRecoveryCodes: build.mutation<
        RenewRecoveryCodesApiResponse,
        RenewRecoveryCodesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/me/totp/recovery-codes`,
          method: "POST",
          body: queryArg.confirmPassword,
        }),
        invalidatesTags: ["auth"],
      }),
      listMembers: build.query<ListMembersApiResponse, ListMembersApiArg>({
        query: (queryArg) => ({
          url: `/v1/members`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["workspaces"],
      }),
      leaveWorkspace: build.mutation<
        LeaveWorkspaceApiResponse,
        LeaveWorkspaceApiArg
      >({
        query: () => ({ url: `/v1/members/me`, method: "DELETE" }),
        invalidatesTags: ["workspaces"],
      }),
      removeMember: build.mutation<RemoveMemberApiResponse, RemoveMemberApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/members/${queryArg.userId}`,
            method: "DELETE",
          }),
          invalidatesTags: ["workspaces"],
        },
      ),
      changeMember: build.mutation<ChangeMemberApiResponse, ChangeMemberApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/members/${queryArg.userId}`,
            method: "PATCH",
            body: queryArg.changeMember,
          }),
          invalidatesTags: ["workspaces"],
        },
      ),
      disableAccount: build.mutation<
        DisableAccountApiResponse,
        DisableAccountApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/members/${queryArg.userId}/disable`,
          method: "POST",
        }),
        invalidatesTags: ["workspaces"],
      }),
      enableAccount: build.mutation<
        EnableAccountApiResponse,
        EnableAccountApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/members/${queryArg.userId}/enable`,
          method: "POST",
        }),
        invalidatesTags: ["workspaces"],
      }),
      listMemories: build.query<ListMemoriesApiResponse, ListMemoriesApiArg>({
        query: (queryArg) => ({
          url: `/v1/memories`,
          params: {
            query: queryArg.query,
            collection: queryArg.collection,
            agent: queryArg.agent,
            workflow_id: queryArg.workflowId,
            run_id: queryArg.runId,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["memory"],
      }),
      forgetMemories: build.mutation<
        ForgetMemoriesApiResponse,
        ForgetMemoriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/memories/forget`,
          method: "POST",
          body: queryArg.forgetMemories,
        }),
        invalidatesTags: ["memory"],
      }),
      forgetMemory: build.mutation<ForgetMemoryApiResponse, ForgetMemoryApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/memories/${queryArg.memoryId}`,
            method: "DELETE",
          }),
          invalidatesTags: ["memory"],
        },
      ),
      getMemory: build.query<GetMemoryApiResponse, GetMemoryApiArg>({
        query: (queryArg) => ({ url: `/v1/memories/${queryArg.memoryId}` }),
        providesTags: ["memory"],
      }),
      correctMemory: build.mutation<
        CorrectMemoryApiResponse,
        CorrectMemoryApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/memories/${queryArg.memoryId}`,
          method: "PUT",
          body: queryArg.correctedMemory,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["memory"],
      }),
      forgetDocuments: build.mutation<
        ForgetDocumentsApiResponse,
        ForgetDocumentsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/memory/forget`,
          method: "POST",
          body: queryArg.forgetBody,
        }),
        invalidatesTags: ["memory"],
      }),
      searchMemory: build.mutation<SearchMemoryApiResponse, SearchMemoryApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/memory/search`,
            method: "POST",
            body: queryArg.searchBody,
          }),
          invalidatesTags: ["memory"],
        },
      ),
      listModels: build.query<ListModelsApiResponse, ListModelsApiArg>({
        query: () => ({ url: `/v1/models` }),
        providesTags: ["models"],
      }),
      createModel: build.mutation<CreateModelApiResponse, CreateModelApiArg>({
        query: (queryArg) => ({
          url: `/v1/models`,
          method: "POST",
          body: queryArg.saveModel,
        }),
        invalidatesTags: ["models"],
      }),
      tryModel: build.mutation<TryModelApiResponse, TryModelApiArg>({
        query: (queryArg) => ({
          url: `/v1/models/test`,
          method: "POST",
          body: queryArg.saveModel,
        }),
        invalidatesTags: ["models"],
      }),
      deleteModel: build.mutation<DeleteModelApiResponse, DeleteModelApiArg>({
        query: (queryArg) => ({
          url: `/v1/models/${queryArg.modelId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["models"],
      }),
      getModel: build.query<GetModelApiResponse, GetModelApiArg>({
        query: (queryArg) => ({ url: `/v1/models/${queryArg.modelId}` }),
        providesTags: ["models"],
      }),
      replaceModel: build.mutation<ReplaceModelApiResponse, ReplaceModelApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/models/${queryArg.modelId}`,
            method: "PUT",
            body: queryArg.saveModel,
            headers: {
              "if-match": queryArg["if-match"],
            },
          }),
          invalidatesTags: ["models"],
        },
      ),
      testModel: build.mutation<TestModelApiResponse, TestModelApiArg>({
        query: (queryArg) => ({
          url: `/v1/models/${queryArg.modelId}/test`,
          method: "POST",
        }),
        invalidatesTags: ["models"],
      }),
      listNotifications: build.query<
        ListNotificationsApiResponse,
        ListNotificationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/notifications`,
          params: {
            unread: queryArg.unread,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["notifications"],
      }),
      getNotificationChoices: build.query<
        GetNotificationChoicesApiResponse,
        GetNotificationChoicesApiArg
      >({
        query: () => ({ url: `/v1/notifications/choices` }),
        providesTags: ["notifications"],
      }),
      saveNotificationChoices: build.mutation<
        SaveNotificationChoicesApiResponse,
        SaveNotificationChoicesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/notifications/choices`,
          method: "PUT",
          body: queryArg.saveNotificationChoices,
        }),
        invalidatesTags: ["notifications"],
      }),
      markNotifications: build.mutation<
        MarkNotificationsApiResponse,
        MarkNotificationsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/notifications/read`,
          method: "POST",
          body: queryArg.markNotifications,
        }),
        invalidatesTags: ["notifications"],
      }),
      issueToken: build.mutation<IssueTokenApiResponse, IssueTokenApiArg>({
        query: (queryArg) => ({
          url: `/v1/oauth/token`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["api-keys"],
      }),
      getPreferences: build.query<
        GetPreferencesApiResponse,
        GetPreferencesApiArg
      >({
        query: () => ({ url: `/v1/preferences` }),
        providesTags: ["settings"],
      }),
      savePreferences: build.mutation<
        SavePreferencesApiResponse,
        SavePreferencesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/preferences`,
          method: "PATCH",
          body: queryArg.savePreferences,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["settings"],
      }),
      askProposal: build.mutation<AskProposalApiResponse, AskProposalApiArg>({
        query: (queryArg) => ({
          url: `/v1/proposals`,
          method: "POST",
          body: queryArg.askProposal,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["runs"],
      }),
      listRoles: build.query<ListRolesApiResponse, ListRolesApiArg>({
        query: () => ({ url: `/v1/roles` }),
        providesTags: ["workspaces"],
      }),
      createRole: build.mutation<CreateRoleApiResponse, CreateRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles`,
          method: "POST",
          body: queryArg.createRole,
        }),
        invalidatesTags: ["workspaces"],
      }),
      deleteRole: build.mutation<DeleteRoleApiResponse, DeleteRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles/${queryArg.roleId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["workspaces"],
      }),
      getRole: build.query<GetRoleApiResponse, GetRoleApiArg>({
        query: (queryArg) => ({ url: `/v1/roles/${queryArg.roleId}` }),
        providesTags: ["workspaces"],
      }),
      changeRole: build.mutation<ChangeRoleApiResponse, ChangeRoleApiArg>({
        query: (queryArg) => ({
          url: `/v1/roles/${queryArg.roleId}`,
          method: "PATCH",
          body: queryArg.changeRole,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["workspaces"],
      }),
      getRules: build.query<GetRulesApiResponse, GetRulesApiArg>({
        query: () => ({ url: `/v1/rules` }),
        providesTags: ["rules"],
      }),
      replaceRules: build.mutation<ReplaceRulesApiResponse, ReplaceRulesApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/rules`,
            method: "PUT",
            body: queryArg.saveRules,
            headers: {
              "if-match": queryArg["if-match"],
            },
          }),
          invalidatesTags: ["rules"],
        },
      ),
      listRuns: build.query<ListRunsApiResponse, ListRunsApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs`,
          headers: {
            accept: queryArg.accept,
          },
          params: {
            workflow_id: queryArg.workflowId,
            order: queryArg.order,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
            status: queryArg.status,
            label: queryArg.label,
            text: queryArg.text,
            created_from: queryArg.createdFrom,
            created_before: queryArg.createdBefore,
            longer_than_s: queryArg.longerThanS,
            shorter_than_s: queryArg.shorterThanS,
          },
        }),
        providesTags: ["runs"],
      }),
      getRun: build.query<GetRunApiResponse, GetRunApiArg>({
        query: (queryArg) => ({ url: `/v1/runs/${queryArg.runId}` }),
        providesTags: ["runs"],
      }),
      cancelRun: build.mutation<CancelRunApiResponse, CancelRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/cancel`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["runs"],
      }),
      listRunEvents: build.query<ListRunEventsApiResponse, ListRunEventsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/runs/${queryArg.runId}/events`,
            params: {
              after: queryArg.after,
              limit: queryArg.limit,
              wait: queryArg.wait,
            },
          }),
          providesTags: ["runs"],
        },
      ),
      listRunFailures: build.query<
        ListRunFailuresApiResponse,
        ListRunFailuresApiArg
      >({
        query: (queryArg) => ({ url: `/v1/runs/${queryArg.runId}/failures` }),
        providesTags: ["runs"],
      }),
      listRunFiles: build.query<ListRunFilesApiResponse, ListRunFilesApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/files`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["runs"],
      }),
      downloadRunFile: build.query<
        DownloadRunFileApiResponse,
        DownloadRunFileApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/files/${queryArg.path}`,
          params: {
            version: queryArg.version,
          },
        }),
        providesTags: ["runs"],
      }),
      forkRun: build.mutation<ForkRunApiResponse, ForkRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/fork`,
          method: "POST",
          body: queryArg.forkBody,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["runs"],
      }),
      killRun: build.mutation<KillRunApiResponse, KillRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/kill`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["runs"],
      }),
      pauseRun: build.mutation<PauseRunApiResponse, PauseRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/pause`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["runs"],
      }),
      exportRunRecord: build.query<
        ExportRunRecordApiResponse,
        ExportRunRecordApiArg
      >({
        query: (queryArg) => ({ url: `/v1/runs/${queryArg.runId}/record` }),
        providesTags: ["runs"],
      }),
      resumeRun: build.mutation<ResumeRunApiResponse, ResumeRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/resume`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["runs"],
      }),
      retryRun: build.mutation<RetryRunApiResponse, RetryRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/retry`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["runs"],
      }),
      saveRunAsTest: build.mutation<
        SaveRunAsTestApiResponse,
        SaveRunAsTestApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/save-as-test`,
          method: "POST",
        }),
        invalidatesTags: ["runs"],
      }),
      getRunSnapshot: build.query<
        GetRunSnapshotApiResponse,
        GetRunSnapshotApiArg
      >({
        query: (queryArg) => ({ url: `/v1/runs/${queryArg.runId}/snapshot` }),
        providesTags: ["runs"],
      }),
      listRunSteps: build.query<ListRunStepsApiResponse, ListRunStepsApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/steps`,
          params: {
            inside: queryArg.inside,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["runs"],
      }),
      streamRunEvents: build.query<
        StreamRunEventsApiResponse,
        StreamRunEventsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/stream`,
          headers: {
            "last-event-id": queryArg["last-event-id"],
          },
          params: {
            after: queryArg.after,
          },
        }),
        providesTags: ["runs"],
      }),
      getRunValue: build.query<GetRunValueApiResponse, GetRunValueApiArg>({
        query: (queryArg) => ({
          url: `/v1/runs/${queryArg.runId}/values/${queryArg.ref}`,
        }),
        providesTags: ["runs"],
      }),
      listSchedules: build.query<ListSchedulesApiResponse, ListSchedulesApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/schedules`,
            params: {
              workflow_id: queryArg.workflowId,
            },
          }),
          providesTags: ["triggers"],
        },
      ),
      pauseSchedule: build.mutation<
        PauseScheduleApiResponse,
        PauseScheduleApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/schedules/${queryArg.scheduleId}/pause`,
          method: "POST",
        }),
        invalidatesTags: ["triggers"],
      }),
      resumeSchedule: build.mutation<
        ResumeScheduleApiResponse,
        ResumeScheduleApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/schedules/${queryArg.scheduleId}/resume`,
          method: "POST",
        }),
        invalidatesTags: ["triggers"],
      }),
      listSecrets: build.query<ListSecretsApiResponse, ListSecretsApiArg>({
        query: (queryArg) => ({
          url: `/v1/secrets`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["secrets"],
      }),
      deleteSecret: build.mutation<DeleteSecretApiResponse, DeleteSecretApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/secrets/${queryArg.name}`,
            method: "DELETE",
          }),
          invalidatesTags: ["secrets"],
        },
      ),
      saveSecret: build.mutation<SaveSecretApiResponse, SaveSecretApiArg>({
        query: (queryArg) => ({
          url: `/v1/secrets/${queryArg.name}`,
          method: "PUT",
          body: queryArg.saveSecret,
          headers: {
            "if-match": queryArg["if-match"],
            "if-none-match": queryArg["if-none-match"],
          },
        }),
        invalidatesTags: ["secrets"],
      }),
      endOtherSessions: build.mutation<
        EndOtherSessionsApiResponse,
        EndOtherSessionsApiArg
      >({
        query: () => ({ url: `/v1/sessions`, method: "DELETE" }),
        invalidatesTags: ["auth"],
      }),
      listSessions: build.query<ListSessionsApiResponse, ListSessionsApiArg>({
        query: () => ({ url: `/v1/sessions` }),
        providesTags: ["auth"],
      }),
      endSession: build.mutation<EndSessionApiResponse, EndSessionApiArg>({
        query: (queryArg) => ({
          url: `/v1/sessions/${queryArg.sessionId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["auth"],
      }),
      getSettings: build.query<GetSettingsApiResponse, GetSettingsApiArg>({
        query: () => ({ url: `/v1/settings` }),
        providesTags: ["settings"],
      }),
      replaceSettings: build.mutation<
        ReplaceSettingsApiResponse,
        ReplaceSettingsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/settings`,
          method: "PUT",
          body: queryArg.saveSettings,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["settings"],
      }),
      getOverview: build.query<GetOverviewApiResponse, GetOverviewApiArg>({
        query: (queryArg) => ({
          url: `/v1/stats/overview`,
          params: {
            window: queryArg.window,
          },
        }),
        providesTags: ["stats"],
      }),
      listStepTypes: build.query<ListStepTypesApiResponse, ListStepTypesApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/step-types`,
            headers: {
              "accept-language": queryArg["accept-language"],
              "if-none-match": queryArg["if-none-match"],
            },
          }),
          providesTags: ["workflows"],
        },
      ),
      listTemplates: build.query<ListTemplatesApiResponse, ListTemplatesApiArg>(
        {
          query: () => ({ url: `/v1/templates` }),
          providesTags: ["templates"],
        },
      ),
      getTemplate: build.query<GetTemplateApiResponse, GetTemplateApiArg>({
        query: (queryArg) => ({ url: `/v1/templates/${queryArg.templateId}` }),
        providesTags: ["templates"],
      }),
      getUsage: build.query<GetUsageApiResponse, GetUsageApiArg>({
        query: (queryArg) => ({
          url: `/v1/usage`,
          params: {
            since: queryArg.since,
            until: queryArg.until,
            group_by: queryArg.groupBy,
            workflow_id: queryArg.workflowId,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["usage"],
      }),
      exportUsage: build.query<ExportUsageApiResponse, ExportUsageApiArg>({
        query: (queryArg) => ({
          url: `/v1/usage/export`,
          params: {
            since: queryArg.since,
            until: queryArg.until,
            group_by: queryArg.groupBy,
            workflow_id: queryArg.workflowId,
          },
        }),
        providesTags: ["usage"],
      }),
      validateSource: build.mutation<
        ValidateSourceApiResponse,
        ValidateSourceApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/validate`,
          method: "POST",
          body: queryArg.validateSource,
        }),
        invalidatesTags: ["workflows"],
      }),
      listWebhookEndpoints: build.query<
        ListWebhookEndpointsApiResponse,
        ListWebhookEndpointsApiArg
      >({
        query: () => ({ url: `/v1/webhook-endpoints` }),
        providesTags: ["notifications"],
      }),
      createWebhookEndpoint: build.mutation<
        CreateWebhookEndpointApiResponse,
        CreateWebhookEndpointApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints`,
          method: "POST",
          body: queryArg.saveEndpoint,
        }),
        invalidatesTags: ["notifications"],
      }),
      deleteWebhookEndpoint: build.mutation<
        DeleteWebhookEndpointApiResponse,
        DeleteWebhookEndpointApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}`,
          method: "DELETE",
        }),
        invalidatesTags: ["notifications"],
      }),
      getWebhookEndpoint: build.query<
        GetWebhookEndpointApiResponse,
        GetWebhookEndpointApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}`,
        }),
        providesTags: ["notifications"],
      }),
      replaceWebhookEndpoint: build.mutation<
        ReplaceWebhookEndpointApiResponse,
        ReplaceWebhookEndpointApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}`,
          method: "PUT",
          body: queryArg.saveEndpoint,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["notifications"],
      }),
      listEndpointDeliveries: build.query<
        ListEndpointDeliveriesApiResponse,
        ListEndpointDeliveriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}/deliveries`,
          params: {
            status: queryArg.status,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["notifications"],
      }),
      replayEndpointDelivery: build.mutation<
        ReplayEndpointDeliveryApiResponse,
        ReplayEndpointDeliveryApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}/deliveries/${queryArg.deliveryId}/replay`,
          method: "POST",
        }),
        invalidatesTags: ["notifications"],
      }),
      renewWebhookEndpointSecret: build.mutation<
        RenewWebhookEndpointSecretApiResponse,
        RenewWebhookEndpointSecretApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}/secret`,
          method: "POST",
        }),
        invalidatesTags: ["notifications"],
      }),
      testWebhookEndpoint: build.mutation<
        TestWebhookEndpointApiResponse,
        TestWebhookEndpointApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhook-endpoints/${queryArg.endpointId}/test`,
          method: "POST",
        }),
        invalidatesTags: ["notifications"],
      }),
      listWebhooks: build.query<ListWebhooksApiResponse, ListWebhooksApiArg>({
        query: (queryArg) => ({
          url: `/v1/webhooks`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["triggers"],
      }),
      listDeliveries: build.query<
        ListDeliveriesApiResponse,
        ListDeliveriesApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhooks/${queryArg.webhookId}/deliveries`,
          params: {
            status: queryArg.status,
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["triggers"],
      }),
      replayDelivery: build.mutation<
        ReplayDeliveryApiResponse,
        ReplayDeliveryApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhooks/${queryArg.webhookId}/deliveries/${queryArg.deliveryId}/replay`,
          method: "POST",
        }),
        invalidatesTags: ["triggers"],
      }),
      makeWebhookSecret: build.mutation<
        MakeWebhookSecretApiResponse,
        MakeWebhookSecretApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/webhooks/${queryArg.webhookId}/secret`,
          method: "POST",
        }),
        invalidatesTags: ["triggers"],
      }),
      listWorkflows: build.query<ListWorkflowsApiResponse, ListWorkflowsApiArg>(
        {
          query: (queryArg) => ({
            url: `/v1/workflows`,
            params: {
              cursor: queryArg.cursor,
              limit: queryArg.limit,
              text: queryArg.text,
              label: queryArg.label,
              state: queryArg.state,
              order: queryArg.order,
            },
          }),
          providesTags: ["workflows"],
        },
      ),
      createWorkflow: build.mutation<
        CreateWorkflowApiResponse,
        CreateWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows`,
          method: "POST",
          body: queryArg.saveWorkflow,
        }),
        invalidatesTags: ["workflows"],
      }),
      deleteWorkflow: build.mutation<
        DeleteWorkflowApiResponse,
        DeleteWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}`,
          method: "DELETE",
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["workflows"],
      }),
      getWorkflow: build.query<GetWorkflowApiResponse, GetWorkflowApiArg>({
        query: (queryArg) => ({ url: `/v1/workflows/${queryArg.workflowId}` }),
        providesTags: ["workflows"],
      }),
      replaceWorkflow: build.mutation<
        ReplaceWorkflowApiResponse,
        ReplaceWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}`,
          method: "PUT",
          body: queryArg.saveWorkflow,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["workflows"],
      }),
      exportWorkflow: build.query<
        ExportWorkflowApiResponse,
        ExportWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/export`,
        }),
        providesTags: ["workflows"],
      }),
      listWorkflowFailures: build.query<
        ListWorkflowFailuresApiResponse,
        ListWorkflowFailuresApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/failures`,
        }),
        providesTags: ["runs"],
      }),
      publishWorkflow: build.mutation<
        PublishWorkflowApiResponse,
        PublishWorkflowApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/publish`,
          method: "POST",
          body: queryArg.body,
        }),
        invalidatesTags: ["versions"],
      }),
      restoreVersion: build.mutation<
        RestoreVersionApiResponse,
        RestoreVersionApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/restore`,
          method: "POST",
          body: queryArg.restore,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["versions"],
      }),
      startRun: build.mutation<StartRunApiResponse, StartRunApiArg>({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/runs`,
          method: "POST",
          body: queryArg.startRunBody,
          headers: {
            "idempotency-key": queryArg["idempotency-key"],
          },
        }),
        invalidatesTags: ["runs"],
      }),
      getWorkflowSharing: build.query<
        GetWorkflowSharingApiResponse,
        GetWorkflowSharingApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/sharing`,
        }),
        providesTags: ["workflows"],
      }),
      replaceWorkflowSharing: build.mutation<
        ReplaceWorkflowSharingApiResponse,
        ReplaceWorkflowSharingApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/sharing`,
          method: "PUT",
          body: queryArg.saveSharing,
          headers: {
            "if-match": queryArg["if-match"],
          },
        }),
        invalidatesTags: ["workflows"],
      }),
      listVersions: build.query<ListVersionsApiResponse, ListVersionsApiArg>({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/versions`,
          params: {
            cursor: queryArg.cursor,
            limit: queryArg.limit,
          },
        }),
        providesTags: ["versions"],
      }),
      compareVersions: build.query<
        CompareVersionsApiResponse,
        CompareVersionsApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/versions/diff`,
          params: {
            before: queryArg.before,
            after: queryArg.after,
          },
        }),
        providesTags: ["versions"],
      }),
      getVersion: build.query<GetVersionApiResponse, GetVersionApiArg>({
        query: (queryArg) => ({
          url: `/v1/workflows/${queryArg.workflowId}/versions/${queryArg.version}`,
        }),
        providesTags: ["versions"],
      }),
      listWorkspaces: build.query<
        ListWorkspacesApiResponse,
        ListWorkspacesApiArg
      >({
        query: () => ({ url: `/v1/workspaces` }),
        providesTags: ["workspaces"],
      }),
      createWorkspace: build.mutation<
        CreateWorkspaceApiResponse,
        CreateWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workspaces`,
          method: "POST",
          body: queryArg.createWorkspace,
        }),
        invalidatesTags: ["workspaces"],
      }),
      createWorkspaceApiKey: build.mutation<
        CreateWorkspaceApiKeyApiResponse,
        CreateWorkspaceApiKeyApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workspaces/${queryArg.workspaceId}/api-keys`,
          method: "POST",
          body: queryArg.createApiKey,
        }),
        invalidatesTags: ["workspaces"],
      }),
      switchWorkspace: build.mutation<
        SwitchWorkspaceApiResponse,
        SwitchWorkspaceApiArg
      >({
        query: (queryArg) => ({
          url: `/v1/workspaces/${queryArg.workspaceId}/switch`,
          method: "POST",
        }),
        invalidatesTags: ["workspaces"],
      }),
    }),
    overrideExisting: false,
  });
export { injectedRtkApi as api };
export type ReceiveHookApiResponse =
  /** status 202 Successful Response */ HookAccepted;
export type ReceiveHookApiArg = {
  hookId: string;
};
export type ListAgentsApiResponse =
  /** status 200 Successful Response */ AgentList;
export type ListAgentsApiArg = void;
export type DeleteAgentApiResponse = unknown;
export type DeleteAgentApiArg = {
  name: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
};
export type GetAgentApiResponse = /** status 200 Successful Response */ Agent;
export type GetAgentApiArg = {
  name: string;
};
export type SaveAgentApiResponse =
  | /** status 200 Successful Response */ Agent
  | /** status 201 There was none of this name. */ Agent;
export type SaveAgentApiArg = {
  name: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  agentDefinition: AgentDefinition;
};
export type ListApiClientsApiResponse =
  /** status 200 Successful Response */ ApiClientList;
export type ListApiClientsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type CreateApiClientApiResponse =
  /** status 201 Successful Response */ ApiClientCreated;
export type CreateApiClientApiArg = {
  createApiClient: CreateApiClient;
};
export type RevokeApiClientApiResponse = unknown;
export type RevokeApiClientApiArg = {
  clientId: string;
};
export type RotateApiClientApiResponse =
  /** status 201 Successful Response */ ApiClientCreated;
export type RotateApiClientApiArg = {
  clientId: string;
  body: RotateApiClient | null;
};
export type ListApiKeysApiResponse =
  /** status 200 Successful Response */ ApiKeyList;
export type ListApiKeysApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type CreateApiKeyApiResponse =
  /** status 201 Successful Response */ ApiKeyCreated;
export type CreateApiKeyApiArg = {
  createApiKey: CreateApiKey;
};
export type RevokeApiKeyApiResponse = unknown;
export type RevokeApiKeyApiArg = {
  keyId: string;
};
export type RotateApiKeyApiResponse =
  /** status 201 Successful Response */ ApiKeyCreated;
export type RotateApiKeyApiArg = {
  keyId: string;
  body: RotateApiKey | null;
};
export type ListApprovalsApiResponse =
  /** status 200 Successful Response */ ApprovalList;
export type ListApprovalsApiArg = {
  /** `all` for every one. */
  status?: "open" | "decided" | "expired" | "withdrawn" | "all";
  runId?: string | null;
  /** Only what the asking person may decide. */
  mine?: boolean;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type GetApprovalApiResponse =
  /** status 200 Successful Response */ Approval;
export type GetApprovalApiArg = {
  approvalId: string;
};
export type DecideApprovalApiResponse =
  /** status 200 Successful Response */ Approval;
export type DecideApprovalApiArg = {
  approvalId: string;
  decisionBody: DecisionBody;
};
export type ListAuditEntriesApiResponse =
  /** status 200 Successful Response */ AuditPage;
export type ListAuditEntriesApiArg = {
  action?: AuditAction | null;
  outcome?: ("done" | "refused") | null;
  actorId?: string | null;
  targetKind?: string | null;
  targetId?: string | null;
  since?: string | null;
  until?: string | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type ExportAuditEntriesApiResponse =
  /** status 200 Successful Response */ string;
export type ExportAuditEntriesApiArg = {
  format?: "jsonl" | "csv";
};
export type SeeInvitationApiResponse =
  /** status 200 Successful Response */ InvitationSeen;
export type SeeInvitationApiArg = {
  invitationToken: InvitationTokenWrite;
};
export type AcceptInvitationAsNewApiResponse =
  /** status 201 Successful Response */ Session;
export type AcceptInvitationAsNewApiArg = {
  acceptInvitation: AcceptInvitationWrite;
};
export type LogInApiResponse = /** status 200 Successful Response */ Session;
export type LogInApiArg = {
  logIn: LogInWrite;
};
export type LogOutApiResponse = unknown;
export type LogOutApiArg = void;
export type FinishOidcSignInApiResponse = unknown;
export type FinishOidcSignInApiArg = {
  provider: string;
  state?: string;
  code?: string;
  iss?: string | null;
};
export type StartOidcSignInApiResponse = unknown;
export type StartOidcSignInApiArg = {
  provider: string;
  /** Path to come back to. */
  next?: string | null;
};
export type ForgetPasswordApiResponse =
  /** status 202 Successful Response */ any;
export type ForgetPasswordApiArg = {
  forgottenPassword: ForgottenPassword;
};
export type ResetPasswordApiResponse = unknown;
export type ResetPasswordApiArg = {
  resetPassword: ResetPasswordWrite;
};
export type ListSignInProvidersApiResponse =
  /** status 200 Successful Response */ SignInProviders;
export type ListSignInProvidersApiArg = void;
export type RefreshSessionApiResponse =
  /** status 200 Successful Response */ Session;
export type RefreshSessionApiArg = void;
export type SetUpApiResponse = /** status 201 Successful Response */ Session;
export type SetUpApiArg = {
  setUp: SetUpWrite;
};
export type ListBudgetsApiResponse =
  /** status 200 Successful Response */ BudgetList;
export type ListBudgetsApiArg = void;
export type ReplaceBudgetsApiResponse =
  /** status 200 Successful Response */ BudgetList;
export type ReplaceBudgetsApiArg = {
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveBudgets: SaveBudgets;
};
export type ReportClientErrorApiResponse =
  /** status 202 Successful Response */ ClientErrorNoted;
export type ReportClientErrorApiArg = {
  clientError: ClientError;
};
export type ListCollectionsApiResponse =
  /** status 200 Successful Response */ CollectionList;
export type ListCollectionsApiArg = void;
export type CreateCollectionApiResponse =
  /** status 201 Successful Response */ Collection;
export type CreateCollectionApiArg = {
  newCollection: NewCollection;
};
export type DeleteCollectionApiResponse =
  /** status 200 Successful Response */ Forgotten;
export type DeleteCollectionApiArg = {
  name: string;
};
export type GetCollectionApiResponse =
  /** status 200 Successful Response */ Collection;
export type GetCollectionApiArg = {
  name: string;
};
export type SaveCollectionApiResponse =
  /** status 200 Successful Response */ Collection;
export type SaveCollectionApiArg = {
  name: string;
  saveCollection: SaveCollection;
};
export type ExportCollectionApiResponse =
  /** status 200 Successful Response */ Blob;
export type ExportCollectionApiArg = {
  name: string;
};
export type ListConversationsApiResponse =
  /** status 200 Successful Response */ ConversationList;
export type ListConversationsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type BeginConversationApiResponse =
  /** status 201 Successful Response */ Conversation;
export type BeginConversationApiArg = {
  newConversation: NewConversation;
};
export type DeleteConversationApiResponse = unknown;
export type DeleteConversationApiArg = {
  conversationId: string;
};
export type GetConversationApiResponse =
  /** status 200 Successful Response */ Conversation;
export type GetConversationApiArg = {
  conversationId: string;
};
export type ChangeConversationApiResponse =
  /** status 200 Successful Response */ Conversation;
export type ChangeConversationApiArg = {
  conversationId: string;
  changeConversation: ChangeConversation;
};
export type ListMessagesApiResponse =
  /** status 200 Successful Response */ MessageList;
export type ListMessagesApiArg = {
  conversationId: string;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type SendMessageApiResponse = /** status 202 Successful Response */ Turn;
export type SendMessageApiArg = {
  conversationId: string;
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  sendMessage: SendMessage;
};
export type RegenerateAnswerApiResponse =
  /** status 202 Successful Response */ Turn;
export type RegenerateAnswerApiArg = {
  messageId: string;
  conversationId: string;
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  body: Regenerate | null;
};
export type StopAnswerApiResponse =
  /** status 202 Successful Response */ Message;
export type StopAnswerApiArg = {
  messageId: string;
  conversationId: string;
};
export type ListDatasetsApiResponse =
  /** status 200 Successful Response */ DatasetList;
export type ListDatasetsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type CreateDatasetApiResponse =
  /** status 201 Successful Response */ StoredDataset;
export type CreateDatasetApiArg = {
  saveDataset: SaveDataset;
};
export type DeleteDatasetApiResponse = unknown;
export type DeleteDatasetApiArg = {
  datasetId: string;
};
export type GetDatasetApiResponse =
  /** status 200 Successful Response */ StoredDataset;
export type GetDatasetApiArg = {
  datasetId: string;
};
export type ReplaceDatasetApiResponse =
  /** status 200 Successful Response */ StoredDataset;
export type ReplaceDatasetApiArg = {
  datasetId: string;
  saveDataset: SaveDataset;
};
export type ListDocumentsApiResponse =
  /** status 200 Successful Response */ DocumentList;
export type ListDocumentsApiArg = {
  collection?: string | null;
  /** `dead`: given up after six attempts. */
  status?:
    | (
        | "receiving"
        | "queued"
        | "parsing"
        | "embedding"
        | "ready"
        | "failed"
        | "dead"
      )
    | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type UploadDocumentApiResponse =
  /** status 201 Successful Response */ MemoryDocument;
export type UploadDocumentApiArg = {
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  body: {
    collection: string;
    /** Comes last. */
    file: Blob;
    /** A JSON object. */
    metadata?: string;
  };
};
export type DeleteDocumentApiResponse = unknown;
export type DeleteDocumentApiArg = {
  documentId: string;
};
export type GetDocumentApiResponse =
  /** status 200 Successful Response */ MemoryDocument;
export type GetDocumentApiArg = {
  documentId: string;
};
export type DownloadDocumentApiResponse =
  /** status 200 Successful Response */ Blob;
export type DownloadDocumentApiArg = {
  documentId: string;
};
export type ListDocumentPassagesApiResponse =
  /** status 200 Successful Response */ DocumentPassages;
export type ListDocumentPassagesApiArg = {
  documentId: string;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type QuarantineDocumentApiResponse =
  /** status 200 Successful Response */ MemoryDocument;
export type QuarantineDocumentApiArg = {
  documentId: string;
  quarantine: Quarantine;
};
export type RetryDocumentApiResponse =
  /** status 202 Successful Response */ MemoryDocument;
export type RetryDocumentApiArg = {
  documentId: string;
};
export type GetDocumentTextApiResponse =
  /** status 200 Successful Response */ DocumentText;
export type GetDocumentTextApiArg = {
  documentId: string;
  offset?: number;
  /** Characters. */
  limit?: number;
};
export type ListEvaluationsApiResponse =
  /** status 200 Successful Response */ EvaluationList;
export type ListEvaluationsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type StartEvaluationApiResponse =
  /** status 202 Successful Response */ Evaluation;
export type StartEvaluationApiArg = {
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  startEvaluation: StartEvaluation;
};
export type GetEvaluationApiResponse =
  /** status 200 Successful Response */ EvaluationResult;
export type GetEvaluationApiArg = {
  evaluationId: string;
};
export type CancelEvaluationApiResponse =
  /** status 202 Successful Response */ Evaluation;
export type CancelEvaluationApiArg = {
  evaluationId: string;
};
export type GetEvaluationReportApiResponse =
  /** status 200 Successful Response */ Blob;
export type GetEvaluationReportApiArg = {
  evaluationId: string;
};
export type EmitEventApiResponse =
  /** status 202 Successful Response */ Emitted;
export type EmitEventApiArg = {
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  emitBody: EmitBody;
};
export type ImportWorkflowApiResponse =
  /** status 201 Successful Response */ Imported;
export type ImportWorkflowApiArg = {
  importWorkflow: ImportWorkflow;
};
export type ListInvitationsApiResponse =
  /** status 200 Successful Response */ InvitationList;
export type ListInvitationsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type CreateInvitationApiResponse =
  /** status 201 Successful Response */ InvitationCreated;
export type CreateInvitationApiArg = {
  createInvitation: CreateInvitation;
};
export type AcceptInvitationApiResponse =
  /** status 200 Successful Response */ Workspace;
export type AcceptInvitationApiArg = {
  invitationToken: InvitationTokenWrite;
};
export type RevokeInvitationApiResponse = unknown;
export type RevokeInvitationApiArg = {
  invitationId: string;
};
export type ListMcpServersApiResponse =
  /** status 200 Successful Response */ McpServerList;
export type ListMcpServersApiArg = void;
export type CreateMcpServerApiResponse =
  /** status 201 Successful Response */ McpServer;
export type CreateMcpServerApiArg = {
  saveMcpServer: SaveMcpServer;
};
export type TryMcpServerApiResponse =
  /** status 200 Successful Response */ McpCheck;
export type TryMcpServerApiArg = {
  saveMcpServer: SaveMcpServer;
};
export type DeleteMcpServerApiResponse = unknown;
export type DeleteMcpServerApiArg = {
  serverId: string;
};
export type GetMcpServerApiResponse =
  /** status 200 Successful Response */ McpServer;
export type GetMcpServerApiArg = {
  serverId: string;
};
export type ReplaceMcpServerApiResponse =
  /** status 200 Successful Response */ McpServer;
export type ReplaceMcpServerApiArg = {
  serverId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveMcpServer: SaveMcpServer;
};
export type CheckMcpServerApiResponse =
  /** status 200 Successful Response */ McpCheck;
export type CheckMcpServerApiArg = {
  serverId: string;
};
export type DescribeMeApiResponse = /** status 200 Successful Response */ Me;
export type DescribeMeApiArg = void;
export type ChangePasswordApiResponse =
  /** status 200 Successful Response */ Session;
export type ChangePasswordApiArg = {
  changePassword: ChangePasswordWrite;
};
export type DescribeTotpApiResponse =
  /** status 200 Successful Response */ SecondFactor;
export type DescribeTotpApiArg = void;
export type BeginTotpApiResponse =
  /** status 201 Successful Response */ SecondFactorBegun;
export type BeginTotpApiArg = {
  confirmPassword: ConfirmPasswordWrite;
};
export type ConfirmTotpApiResponse =
  /** status 200 Successful Response */ RecoveryCodes;
export type ConfirmTotpApiArg = {
  confirmCode: ConfirmCode;
};
export type DisableTotpApiResponse = unknown;
export type DisableTotpApiArg = {
  confirmPassword: ConfirmPasswordWrite;
};
export type RenewRecoveryCodesApiResponse =
  /** status 200 Successful Response */ RecoveryCodes;
export type RenewRecoveryCodesApiArg = {
  confirmPassword: ConfirmPasswordWrite;
};
export type ListMembersApiResponse =
  /** status 200 Successful Response */ MemberList;
export type ListMembersApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type LeaveWorkspaceApiResponse = unknown;
export type LeaveWorkspaceApiArg = void;
export type RemoveMemberApiResponse = unknown;
export type RemoveMemberApiArg = {
  userId: string;
};
export type ChangeMemberApiResponse =
  /** status 200 Successful Response */ Member;
export type ChangeMemberApiArg = {
  userId: string;
  changeMember: ChangeMember;
};
export type DisableAccountApiResponse =
  /** status 200 Successful Response */ Member;
export type DisableAccountApiArg = {
  userId: string;
};
export type EnableAccountApiResponse =
  /** status 200 Successful Response */ Member;
export type EnableAccountApiArg = {
  userId: string;
};
export type ListMemoriesApiResponse =
  /** status 200 Successful Response */ AgentMemories;
export type ListMemoriesApiArg = {
  /** The best 50 of the newest 5,000; no pages. */
  query?: string | null;
  collection?: string | null;
  agent?: string | null;
  workflowId?: string | null;
  /** Kept by this run. */
  runId?: string | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type ForgetMemoriesApiResponse =
  /** status 200 Successful Response */ ForgottenMemories;
export type ForgetMemoriesApiArg = {
  forgetMemories: ForgetMemories;
};
export type ForgetMemoryApiResponse = unknown;
export type ForgetMemoryApiArg = {
  memoryId: string;
};
export type GetMemoryApiResponse =
  /** status 200 Successful Response */ AgentMemory;
export type GetMemoryApiArg = {
  memoryId: string;
};
export type CorrectMemoryApiResponse =
  /** status 200 Successful Response */ AgentMemory;
export type CorrectMemoryApiArg = {
  memoryId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  correctedMemory: CorrectedMemory;
};
export type ForgetDocumentsApiResponse =
  /** status 200 Successful Response */ Forgotten;
export type ForgetDocumentsApiArg = {
  forgetBody: ForgetBody;
};
export type SearchMemoryApiResponse =
  /** status 200 Successful Response */ PassageHits;
export type SearchMemoryApiArg = {
  searchBody: SearchBody;
};
export type ListModelsApiResponse =
  /** status 200 Successful Response */ ModelList;
export type ListModelsApiArg = void;
export type CreateModelApiResponse =
  /** status 201 Successful Response */ Model;
export type CreateModelApiArg = {
  saveModel: SaveModelWrite;
};
export type TryModelApiResponse =
  /** status 200 Successful Response */ ModelTest;
export type TryModelApiArg = {
  saveModel: SaveModelWrite;
};
export type DeleteModelApiResponse = unknown;
export type DeleteModelApiArg = {
  modelId: string;
};
export type GetModelApiResponse = /** status 200 Successful Response */ Model;
export type GetModelApiArg = {
  modelId: string;
};
export type ReplaceModelApiResponse =
  /** status 200 Successful Response */ Model;
export type ReplaceModelApiArg = {
  modelId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveModel: SaveModelWrite;
};
export type TestModelApiResponse =
  /** status 200 Successful Response */ ModelTest;
export type TestModelApiArg = {
  modelId: string;
};
export type ListNotificationsApiResponse =
  /** status 200 Successful Response */ NotificationList;
export type ListNotificationsApiArg = {
  /** Only those that were not read. */
  unread?: boolean;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type GetNotificationChoicesApiResponse =
  /** status 200 Successful Response */ NotificationChoices;
export type GetNotificationChoicesApiArg = void;
export type SaveNotificationChoicesApiResponse =
  /** status 200 Successful Response */ NotificationChoices;
export type SaveNotificationChoicesApiArg = {
  saveNotificationChoices: SaveNotificationChoices;
};
export type MarkNotificationsApiResponse =
  /** status 200 Successful Response */ Unread;
export type MarkNotificationsApiArg = {
  markNotifications: MarkNotifications;
};
export type IssueTokenApiResponse =
  /** status 200 Successful Response */ OAuthToken;
export type IssueTokenApiArg = {
  body: {
    client_id?: string;
    client_secret?: string;
    grant_type: "client_credentials";
    scope?: string;
  };
};
export type GetPreferencesApiResponse =
  /** status 200 Successful Response */ Preferences;
export type GetPreferencesApiArg = void;
export type SavePreferencesApiResponse =
  /** status 200 Successful Response */ Preferences;
export type SavePreferencesApiArg = {
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  savePreferences: SavePreferences;
};
export type AskProposalApiResponse = /** status 202 Successful Response */ Run;
export type AskProposalApiArg = {
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  askProposal: AskProposal;
};
export type ListRolesApiResponse =
  /** status 200 Successful Response */ RoleList;
export type ListRolesApiArg = void;
export type CreateRoleApiResponse =
  /** status 201 Successful Response */ WorkspaceRole;
export type CreateRoleApiArg = {
  createRole: CreateRole;
};
export type DeleteRoleApiResponse = unknown;
export type DeleteRoleApiArg = {
  roleId: string;
};
export type GetRoleApiResponse =
  /** status 200 Successful Response */ WorkspaceRole;
export type GetRoleApiArg = {
  roleId: string;
};
export type ChangeRoleApiResponse =
  /** status 200 Successful Response */ WorkspaceRole;
export type ChangeRoleApiArg = {
  roleId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  changeRole: ChangeRole;
};
export type GetRulesApiResponse = /** status 200 Successful Response */ RuleSet;
export type GetRulesApiArg = void;
export type ReplaceRulesApiResponse =
  /** status 200 Successful Response */ RuleSet;
export type ReplaceRulesApiArg = {
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveRules: SaveRules;
};
export type ListRunsApiResponse = /** status 200 Successful Response */ RunList;
export type ListRunsApiArg = {
  workflowId?: string | null;
  order?: "newest" | "oldest";
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
  /** May be repeated. */
  status?: RunStatus[] | null;
  /** `name=value`. */
  label?: string | null;
  /** In the workflow's name, or how the id begins. */
  text?: string | null;
  /** At this time or later. */
  createdFrom?: string | null;
  createdBefore?: string | null;
  longerThanS?: number | null;
  shorterThanS?: number | null;
  /** `text/csv` for a table. */
  accept?: string;
};
export type GetRunApiResponse = /** status 200 Successful Response */ Run;
export type GetRunApiArg = {
  runId: string;
};
export type CancelRunApiResponse = /** status 202 Successful Response */ Run;
export type CancelRunApiArg = {
  runId: string;
  body: CommandBody | null;
};
export type ListRunEventsApiResponse =
  /** status 200 Successful Response */ RunEventList;
export type ListRunEventsApiArg = {
  runId: string;
  /** A cursor, `<epoch>:<seq>`; `0` is before the first event. */
  after?: string;
  limit?: number;
  /** Seconds to wait for the first event. */
  wait?: number;
};
export type ListRunFailuresApiResponse =
  /** status 200 Successful Response */ KnownFailures;
export type ListRunFailuresApiArg = {
  runId: string;
};
export type ListRunFilesApiResponse =
  /** status 200 Successful Response */ RunFileList;
export type ListRunFilesApiArg = {
  runId: string;
  cursor?: string | null;
  limit?: number;
};
export type DownloadRunFileApiResponse = /** status 200 The content. */ Blob;
export type DownloadRunFileApiArg = {
  runId: string;
  /** As in the list; slashes are part of it. */
  path: string;
  /** Default: the newest. */
  version?: number | null;
};
export type ForkRunApiResponse =
  | /** status 200 What the fork would do, for `dry_run`. */ ForkReport
  | /** status 202 Successful Response */ Run;
export type ForkRunApiArg = {
  runId: string;
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  forkBody: ForkBody;
};
export type KillRunApiResponse = /** status 202 Successful Response */ Run;
export type KillRunApiArg = {
  runId: string;
  body: CommandBody | null;
};
export type PauseRunApiResponse = /** status 202 Successful Response */ Run;
export type PauseRunApiArg = {
  runId: string;
  body: CommandBody | null;
};
export type ExportRunRecordApiResponse =
  /** status 200 Successful Response */ RunRecordExport;
export type ExportRunRecordApiArg = {
  runId: string;
};
export type ResumeRunApiResponse = /** status 202 Successful Response */ Run;
export type ResumeRunApiArg = {
  runId: string;
  body: CommandBody | null;
};
export type RetryRunApiResponse = /** status 202 Successful Response */ Run;
export type RetryRunApiArg = {
  runId: string;
  body: RetryBody | null;
};
export type SaveRunAsTestApiResponse =
  /** status 200 Successful Response */ SavedTest;
export type SaveRunAsTestApiArg = {
  runId: string;
};
export type GetRunSnapshotApiResponse =
  /** status 200 Successful Response */ RunSnapshot;
export type GetRunSnapshotApiArg = {
  runId: string;
};
export type ListRunStepsApiResponse =
  /** status 200 Successful Response */ StepList;
export type ListRunStepsApiArg = {
  runId: string;
  /** Only what stands inside this path, as `research[3]`. */
  inside?: string | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type StreamRunEventsApiResponse =
  /** status 200 Events of the run, each with `id:` as its cursor. */ string;
export type StreamRunEventsApiArg = {
  runId: string;
  /** A cursor; without one from the first event. */
  after?: string | null;
  /** Wins over `after`. */
  "last-event-id"?: string | null;
};
export type GetRunValueApiResponse =
  /** status 200 Successful Response */ StoredValue;
export type GetRunValueApiArg = {
  runId: string;
  /** `output_ref` of a step. */
  ref: string;
};
export type ListSchedulesApiResponse =
  /** status 200 Successful Response */ ScheduleList;
export type ListSchedulesApiArg = {
  workflowId?: string | null;
};
export type PauseScheduleApiResponse =
  /** status 200 Successful Response */ Schedule;
export type PauseScheduleApiArg = {
  scheduleId: string;
};
export type ResumeScheduleApiResponse =
  /** status 200 Successful Response */ Schedule;
export type ResumeScheduleApiArg = {
  scheduleId: string;
};
export type ListSecretsApiResponse =
  /** status 200 Successful Response */ SecretList;
export type ListSecretsApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type DeleteSecretApiResponse = unknown;
export type DeleteSecretApiArg = {
  name: string;
};
export type SaveSecretApiResponse =
  /** status 200 Successful Response */ Secret;
export type SaveSecretApiArg = {
  name: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  /** `*`: only if there is nothing of this name yet. */
  "if-none-match"?: "*" | null;
  saveSecret: SaveSecretWrite;
};
export type EndOtherSessionsApiResponse = unknown;
export type EndOtherSessionsApiArg = void;
export type ListSessionsApiResponse =
  /** status 200 Successful Response */ MySessionList;
export type ListSessionsApiArg = void;
export type EndSessionApiResponse = unknown;
export type EndSessionApiArg = {
  sessionId: string;
};
export type GetSettingsApiResponse =
  /** status 200 Successful Response */ WorkspaceSettings;
export type GetSettingsApiArg = void;
export type ReplaceSettingsApiResponse =
  /** status 200 Successful Response */ WorkspaceSettings;
export type ReplaceSettingsApiArg = {
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveSettings: SaveSettings;
};
export type GetOverviewApiResponse =
  /** status 200 Successful Response */ Overview;
export type GetOverviewApiArg = {
  /** Compared with the window before it. */
  window?: "24h" | "7d" | "30d" | "90d";
};
export type ListStepTypesApiResponse =
  /** status 200 Successful Response */ StepTypeList;
export type ListStepTypesApiArg = {
  /** `en` or `de`; anything else is answered in English. */
  "accept-language"?: string | null;
  /** `ETag` of the answer you have; 304 says that it is still right. */
  "if-none-match"?: string | null;
};
export type ListTemplatesApiResponse =
  /** status 200 Successful Response */ TemplateList;
export type ListTemplatesApiArg = void;
export type GetTemplateApiResponse =
  /** status 200 Successful Response */ TemplateDocument;
export type GetTemplateApiArg = {
  templateId: string;
};
export type GetUsageApiResponse =
  /** status 200 Successful Response */ UsageReport;
export type GetUsageApiArg = {
  /** First day (UTC); default: 29 days before `until`. */
  since?: string | null;
  /** Last day (UTC), included; default: today. */
  until?: string | null;
  /** May be repeated. */
  groupBy?: ("day" | "workflow" | "step" | "agent" | "model" | "user")[];
  workflowId?: string | null;
  limit?: number;
};
export type ExportUsageApiResponse =
  /** status 200 Successful Response */ string;
export type ExportUsageApiArg = {
  /** First day (UTC); default: 29 days before `until`. */
  since?: string | null;
  /** Last day (UTC), included; default: today. */
  until?: string | null;
  /** May be repeated. */
  groupBy?: ("day" | "workflow" | "step" | "agent" | "model" | "user")[];
  workflowId?: string | null;
};
export type ValidateSourceApiResponse =
  /** status 200 Successful Response */ Validation;
export type ValidateSourceApiArg = {
  validateSource: ValidateSource;
};
export type ListWebhookEndpointsApiResponse =
  /** status 200 Successful Response */ EndpointList;
export type ListWebhookEndpointsApiArg = void;
export type CreateWebhookEndpointApiResponse =
  /** status 201 Successful Response */ EndpointCreated;
export type CreateWebhookEndpointApiArg = {
  saveEndpoint: SaveEndpoint;
};
export type DeleteWebhookEndpointApiResponse = unknown;
export type DeleteWebhookEndpointApiArg = {
  endpointId: string;
};
export type GetWebhookEndpointApiResponse =
  /** status 200 Successful Response */ Endpoint;
export type GetWebhookEndpointApiArg = {
  endpointId: string;
};
export type ReplaceWebhookEndpointApiResponse =
  /** status 200 Successful Response */ Endpoint;
export type ReplaceWebhookEndpointApiArg = {
  endpointId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveEndpoint: SaveEndpoint;
};
export type ListEndpointDeliveriesApiResponse =
  /** status 200 Successful Response */ EndpointDeliveryList;
export type ListEndpointDeliveriesApiArg = {
  endpointId: string;
  status?: ("pending" | "delivered" | "dead") | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type ReplayEndpointDeliveryApiResponse =
  /** status 202 Successful Response */ EndpointDelivery;
export type ReplayEndpointDeliveryApiArg = {
  endpointId: string;
  deliveryId: string;
};
export type RenewWebhookEndpointSecretApiResponse =
  /** status 201 Successful Response */ EndpointSecret;
export type RenewWebhookEndpointSecretApiArg = {
  endpointId: string;
};
export type TestWebhookEndpointApiResponse =
  /** status 202 Successful Response */ EndpointDelivery;
export type TestWebhookEndpointApiArg = {
  endpointId: string;
};
export type ListWebhooksApiResponse =
  /** status 200 Successful Response */ WebhookList;
export type ListWebhooksApiArg = {
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type ListDeliveriesApiResponse =
  /** status 200 Successful Response */ HookDeliveryList;
export type ListDeliveriesApiArg = {
  webhookId: string;
  status?: ("pending" | "started" | "dead") | null;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type ReplayDeliveryApiResponse =
  /** status 202 Successful Response */ HookAccepted;
export type ReplayDeliveryApiArg = {
  webhookId: string;
  deliveryId: string;
};
export type MakeWebhookSecretApiResponse =
  /** status 201 Successful Response */ WebhookSecret;
export type MakeWebhookSecretApiArg = {
  webhookId: string;
};
export type ListWorkflowsApiResponse =
  /** status 200 Successful Response */ WorkflowList;
export type ListWorkflowsApiArg = {
  /** `next_cursor` of the page before, in the same order. */
  cursor?: string | null;
  limit?: number;
  /** In the name or the title. */
  text?: string | null;
  /** `name=value`. */
  label?: string | null;
  /** May be repeated; `invalid` is a draft with problems. */
  state?: ("published" | "unpublished" | "invalid")[] | null;
  /** `edited`: the last saved first. */
  order?: "newest" | "oldest" | "edited" | "name";
};
export type CreateWorkflowApiResponse =
  /** status 201 Successful Response */ WorkflowDocument;
export type CreateWorkflowApiArg = {
  saveWorkflow: SaveWorkflow;
};
export type DeleteWorkflowApiResponse = unknown;
export type DeleteWorkflowApiArg = {
  workflowId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
};
export type GetWorkflowApiResponse =
  /** status 200 Successful Response */ WorkflowDocument;
export type GetWorkflowApiArg = {
  workflowId: string;
};
export type ReplaceWorkflowApiResponse =
  /** status 200 Successful Response */ WorkflowDocument;
export type ReplaceWorkflowApiArg = {
  workflowId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveWorkflow: SaveWorkflow;
};
export type ExportWorkflowApiResponse =
  /** status 200 Successful Response */ WorkflowExport;
export type ExportWorkflowApiArg = {
  workflowId: string;
};
export type ListWorkflowFailuresApiResponse =
  /** status 200 Successful Response */ KnownFailures;
export type ListWorkflowFailuresApiArg = {
  workflowId: string;
};
export type PublishWorkflowApiResponse =
  /** status 201 Successful Response */ Published;
export type PublishWorkflowApiArg = {
  workflowId: string;
  body: Publish | null;
};
export type RestoreVersionApiResponse =
  /** status 200 Successful Response */ WorkflowDocument;
export type RestoreVersionApiArg = {
  workflowId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  restore: Restore;
};
export type StartRunApiResponse = /** status 202 Successful Response */ Run;
export type StartRunApiArg = {
  workflowId: string;
  /** The same key and body give the same result for 24 hours. */
  "idempotency-key"?: string | null;
  startRunBody: StartRunBody;
};
export type GetWorkflowSharingApiResponse =
  /** status 200 Successful Response */ Sharing;
export type GetWorkflowSharingApiArg = {
  workflowId: string;
};
export type ReplaceWorkflowSharingApiResponse =
  /** status 200 Successful Response */ Sharing;
export type ReplaceWorkflowSharingApiArg = {
  workflowId: string;
  /** The `ETag` of the state that was read. */
  "if-match"?: string | null;
  saveSharing: SaveSharing;
};
export type ListVersionsApiResponse =
  /** status 200 Successful Response */ VersionList;
export type ListVersionsApiArg = {
  workflowId: string;
  /** `next_cursor` of the page before. */
  cursor?: string | null;
  limit?: number;
};
export type CompareVersionsApiResponse =
  /** status 200 Successful Response */ VersionDiff;
export type CompareVersionsApiArg = {
  workflowId: string;
  /** A version's number or `draft`. */
  before: string;
  /** A version's number or `draft`. */
  after: string;
};
export type GetVersionApiResponse =
  /** status 200 Successful Response */ VersionDocument;
export type GetVersionApiArg = {
  workflowId: string;
  version: number;
};
export type ListWorkspacesApiResponse =
  /** status 200 Successful Response */ WorkspaceList;
export type ListWorkspacesApiArg = void;
export type CreateWorkspaceApiResponse =
  /** status 201 Successful Response */ Workspace;
export type CreateWorkspaceApiArg = {
  createWorkspace: CreateWorkspace;
};
export type CreateWorkspaceApiKeyApiResponse =
  /** status 201 Successful Response */ ApiKeyCreated;
export type CreateWorkspaceApiKeyApiArg = {
  workspaceId: string;
  createApiKey: CreateApiKey;
};
export type SwitchWorkspaceApiResponse =
  /** status 200 Successful Response */ Session;
export type SwitchWorkspaceApiArg = {
  workspaceId: string;
};
export type HookAccepted = {
  delivery_id: string;
  /** The same delivery was accepted before. */
  duplicate: boolean;
};
export type FieldProblem = {
  code: string;
  message: string;
  /** Where, as in `inputs.topic`; empty for the whole body. */
  path: string;
};
export type JsonValue = any;
export type Problem = {
  /** Error code of the language where one applies. */
  code?: string | null;
  detail: string;
  errors?: FieldProblem[] | null;
  instance: string;
  /** Problems of a document, where the request ran or published one. */
  problems?:
    | {
        [key: string]: JsonValue;
      }[]
    | null;
  status: number;
  title: string;
  trace_id: string;
  /** Stable path such as `/problems/run-not-found`. */
  type: string;
};
export type Agent = {
  /** Only of the workspace's own, as all that follows. */
  backstory: string;
  /** What `If-Match` names to change or delete it. */
  etag: string | null;
  goal: string;
  instances: number;
  /** Which of the platform's agents carries its steps out. */
  kind: string;
  max_tokens: number | null;
  missing: string[];
  model: string | null;
  name: string;
  /** Empty as long as it has never been heard of. */
  role: string;
  /** Steps that it carries out now, in all of its processes. */
  running: number;
  scope: "platform" | "workspace";
  seen_at: string | null;
  /** `unwell` too when nothing was heard of it for half a minute. */
  state: "idle" | "busy" | "unwell";
  temperature: number | null;
  tools: string[];
  updated_at: string | null;
};
export type AgentList = {
  items: Agent[];
};
export type AgentDefinition = {
  backstory?: string;
  goal: string;
  /** The service that carries its steps out. */
  kind: "research" | "analysis" | "implementation" | "qa";
  max_tokens?: number | null;
  model?: string | null;
  role: string;
  temperature?: number | null;
  /** Default: those of its kind; an empty list: none. */
  tools?: string[] | null;
};
export type ApiClient = {
  created_at: string;
  /** E-mail address of its maker, for whom it acts. */
  created_by: string;
  expires_at: string | null;
  /** The `client_id` of OAuth. */
  id: string;
  last_used_at: string | null;
  name: string;
  /** Until when the secret before this one works beside it. */
  old_secret_until: string | null;
  scopes: string[];
};
export type ApiClientList = {
  items: ApiClient[];
  next_cursor: string | null;
};
export type ApiClientCreated = {
  client_secret: string;
  created_at: string;
  /** E-mail address of its maker, for whom it acts. */
  created_by: string;
  expires_at: string | null;
  /** The `client_id` of OAuth. */
  id: string;
  last_used_at: string | null;
  name: string;
  /** Until when the secret before this one works beside it. */
  old_secret_until: string | null;
  scopes: string[];
};
export type CreateApiClient = {
  expires_at?: string | null;
  name: string;
  scopes: string[];
};
export type RotateApiClient = {
  /** How long the old secret still works beside the new one; 0: not at all. */
  grace_hours?: number;
};
export type ApiKey = {
  created_at: string;
  expires_at: string | null;
  id: string;
  last_used_at: string | null;
  name: string;
  prefix: string;
  scopes: string[];
};
export type ApiKeyList = {
  items: ApiKey[];
  next_cursor: string | null;
};
export type ApiKeyCreated = {
  id: string;
  key: string;
};
export type CreateApiKey = {
  expires_at?: string | null;
  name: string;
  scopes: string[];
};
export type RotateApiKey = {
  /** How long the old key still works beside the new one; 0: not at all. */
  grace_hours?: number;
};
export type Decision = {
  at: string;
  by?: string | null;
  comment?: string | null;
  data?: JsonValue;
  decision: string;
};
export type Vote = {
  at: string;
  by: string;
  comment?: string | null;
  decision: string;
};
export type Approval = {
  allow: string[];
  decision: Decision | null;
  expires_at: string | null;
  form: {
    [key: string]: JsonValue;
  } | null;
  id: string;
  kind: "approval" | "uncertain" | "budget" | "rule";
  message: string | null;
  message_ref: string | null;
  quorum: number;
  requested_at: string;
  rule: string | null;
  run_id: string;
  status: "open" | "decided" | "expired" | "withdrawn";
  step: string;
  title: string;
  to: string[];
  values: JsonValue;
  votes: Vote[];
  workflow_id: string;
  workflow_name: string;
};
export type ApprovalList = {
  items: Approval[];
  next_cursor: string | null;
};
export type DecisionBody = {
  comment?: string | null;
  data?: JsonValue;
  decision: string;
};
export type AuditActor = {
  email: string | null;
  id: string | null;
  kind: "user" | "api_key" | "client" | "service" | "nobody";
};
export type AuditTarget = {
  id: string;
  kind: string;
  name: string | null;
};
export type AuditEntry = {
  action: string;
  actor: AuditActor;
  at: string;
  details: {
    [key: string]: JsonValue;
  };
  hash: string;
  /** Counts from 1 without gaps in each workspace. */
  n: number;
  outcome: "done" | "refused";
  previous: string;
  target: AuditTarget | null;
  trace_id: string | null;
};
export type AuditPage = {
  items: AuditEntry[];
  next_cursor: string | null;
};
export type AuditAction =
  | "session.opened"
  | "session.refused"
  | "session.closed"
  | "session.revoked"
  | "password.changed"
  | "password.reset-asked"
  | "second-factor.changed"
  | "identity.linked"
  | "provider.changed"
  | "user.disabled"
  | "user.enabled"
  | "workspace.created"
  | "settings.changed"
  | "member.invited"
  | "invitation.revoked"
  | "member.added"
  | "member.role-changed"
  | "member.removed"
  | "role.created"
  | "role.changed"
  | "role.deleted"
  | "api-key.created"
  | "api-key.rotated"
  | "api-key.revoked"
  | "client.created"
  | "client.rotated"
  | "client.revoked"
  | "shares.changed"
  | "secret.saved"
  | "secret.deleted"
  | "webhook.secret-made"
  | "endpoint.changed"
  | "schedule.paused"
  | "schedule.resumed"
  | "rules.changed"
  | "budgets.changed"
  | "model.changed"
  | "model.deleted"
  | "agent.saved"
  | "agent.deleted"
  | "collection.created"
  | "collection.changed"
  | "collection.deleted"
  | "documents.deleted"
  | "document.quarantined"
  | "document.released"
  | "memory.corrected"
  | "memories.forgotten"
  | "mcp-server.changed"
  | "mcp-server.deleted"
  | "workflow.published"
  | "workflow.deleted"
  | "approval.decided"
  | "run.cancelled"
  | "run.killed"
  | "run.paused"
  | "run.resumed"
  | "run.retried"
  | "audit.exported";
export type Workspace = {
  id: string;
  name: string;
};
export type InvitationSeen = {
  email: string;
  expires_at: string;
  role: string;
  workspace: Workspace;
};
export type InvitationToken = {};
export type InvitationTokenWrite = {
  token: string;
};
export type User = {
  email: string;
  id: string;
};
export type Session = {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  token_type: "bearer";
  user: User;
};
export type AcceptInvitation = {};
export type AcceptInvitationWrite = {
  password: string;
  token: string;
};
export type LogIn = {
  email: string;
};
export type LogInWrite = {
  email: string;
  password: string;
  /** A code of the authenticator or a recovery code, where one is asked for. */
  totp?: string | null;
};
export type ForgottenPassword = {
  email: string;
};
export type ResetPassword = {};
export type ResetPasswordWrite = {
  password: string;
  token: string;
};
export type SignInProvider = {
  id: string;
  /** Path to send the browser to; takes `?next=`. */
  start: string;
  title: string;
};
export type SignInProviders = {
  items: SignInProvider[];
  password: boolean;
};
export type SetUp = {
  email: string;
  workspace: string;
};
export type SetUpWrite = {
  email: string;
  password: string;
  setup_token: string;
  workspace: string;
};
export type CheaperModel = {
  model: string;
};
export type WorkspaceBudget = {
  /** Ask a person, fail the step, or go on with a cheaper model. */
  on_reach?: ("ask" | "fail") | CheaperModel;
  period: "day" | "month";
  /** Whose calls count: all, or those of one of the kind. */
  scope: "workspace" | "workflow" | "member" | "api_key";
  /** Id of the workflow, the member or the API key; none for the workspace. */
  target?: string | null;
  tokens?: number | null;
  /** Millionths of a dollar. */
  usd_micro?: number | null;
};
export type BudgetState = {
  budget: WorkspaceBudget;
  /** The cheaper model that its calls use until the reset. */
  model: string | null;
  /** Held by calls in progress, which may give some back. */
  reserved_tokens: number;
  reserved_usd_micro: number;
  resets_at: string;
  /** What holds now: people may have raised it. */
  tokens_limit: number | null;
  usd_micro_limit: number | null;
  used_tokens: number;
  used_usd_micro: number;
};
export type BudgetList = {
  etag: string;
  items: BudgetState[];
  revision: number;
  updated_at: string | null;
};
export type SaveBudgets = {
  items: WorkspaceBudget[];
};
export type ClientErrorNoted = {
  id: string;
};
export type ClientError = {
  /** Names of the last commands, without what they were done to. */
  commands?: string[];
  /** How often it happened since the last report. */
  count?: number;
  kind?: "error" | "rejection" | "render" | "network" | "report";
  message: string;
  /** Its path; a query is cut off. */
  page?: string | null;
  release?: string | null;
  stack?: string | null;
  trace_id?: string | null;
};
export type Collection = {
  created_at: string;
  description: string;
  documents: number;
  name: string;
  passages: number;
  readers: string[];
  /** Whether the operator's re-ranking model judges again what is found here. */
  rerank: boolean;
  writers: string[];
};
export type CollectionList = {
  items: Collection[];
  next_cursor: string | null;
};
export type NewCollection = {
  description?: string;
  name: string;
  /** Roles; an empty list lets every role in. */
  readers?: string[];
  /** Whether the operator's re-ranking model judges again what a search finds here: it is sent the first passages. None leaves it as it is. */
  rerank?: boolean | null;
  /** Roles; an empty list lets every role in. */
  writers?: string[];
};
export type Forgotten = {
  documents: number;
};
export type SaveCollection = {
  description?: string;
  /** Roles; an empty list lets every role in. */
  readers?: string[];
  /** Whether the operator's re-ranking model judges again what a search finds here: it is sent the first passages. None leaves it as it is. */
  rerank?: boolean | null;
  /** Roles; an empty list lets every role in. */
  writers?: string[];
};
export type ChatMemory = {
  /** Default: the first 20 that the person may read. */
  collections?: string[];
  enabled?: boolean;
};
export type AgentTarget = {
  agent: string;
  kind: "agent";
  /** Default: the agent's. */
  model?: string | null;
  /** Names of workflows that the agent may start runs of; a person is asked before each. */
  workflows?: string[];
};
export type WorkflowTarget = {
  input?: string;
  kind: "workflow";
  /** Default: the only output, else all of them as JSON. */
  output?: string | null;
  workflow_id: string;
};
export type Conversation = {
  created_at: string;
  id: string;
  memory: ChatMemory;
  target:
    | ({
        kind: "agent";
      } & AgentTarget)
    | ({
        kind: "workflow";
      } & WorkflowTarget);
  title: string;
  updated_at: string;
  while_running: "queue" | "interrupt" | "reject";
};
export type ConversationList = {
  items: Conversation[];
  next_cursor: string | null;
};
export type NewConversation = {
  memory?: ChatMemory;
  target:
    | ({
        kind: "agent";
      } & AgentTarget)
    | ({
        kind: "workflow";
      } & WorkflowTarget);
  /** Default: the first message. */
  title?: string;
  /** What a message does that comes during an answer: wait, stop the answer, be refused. */
  while_running?: "queue" | "interrupt" | "reject";
};
export type ChangeConversation = {
  memory?: ChatMemory | null;
  target?:
    | (
        | ({
            kind: "agent";
          } & AgentTarget)
        | ({
            kind: "workflow";
          } & WorkflowTarget)
      )
    | null;
  title?: string | null;
  while_running?: ("queue" | "interrupt" | "reject") | null;
};
export type Citation = {
  document_id: string;
  end: number;
  headings: string[];
  name: string;
  page_from: number | null;
  page_to: number | null;
  start: number;
};
export type MessageCitation = {
  citation: Citation;
  collection: string;
  n: number;
  text: string;
};
export type MessageError = {
  code: string;
  message: string;
};
export type Message = {
  attachments: string[];
  citations: MessageCitation[];
  created_at: string;
  ended_at: string | null;
  error: MessageError | null;
  id: string;
  model: string | null;
  parent_id: string | null;
  role: "user" | "assistant";
  /** The run that answers; its stream has the words. */
  run_id: string | null;
  status: "queued" | "running" | "done" | "failed" | "stopped";
  text: string;
};
export type MessageList = {
  items: Message[];
  next_cursor: string | null;
};
export type Turn = {
  answer: Message;
  message: Message;
};
export type SendMessage = {
  after?: string | null;
  /** Ids of documents that the answer draws on. */
  attachments?: string[];
  edits?: string | null;
  text: string;
};
export type Regenerate = {
  /** Another model. */
  model?: string | null;
};
export type DatasetInfo = {
  cases: number;
  id: string;
  name: string;
  updated_at: string;
};
export type DatasetList = {
  items: DatasetInfo[];
  next_cursor: string | null;
};
export type Case = {
  checks?: string[];
  golden?: string | null;
  inputs?: {
    [key: string]: JsonValue;
  };
  name: string;
};
export type Dataset = {
  /** What is compared with `golden`. */
  answer?: string;
  cases: Case[];
  checks?: string[];
  /** Id of a workflow: gets `inputs`, `outputs`, `golden`; puts out `score`, 0 to 1. */
  grader?: string | null;
};
export type StoredDataset = {
  cases: number;
  dataset: Dataset;
  id: string;
  name: string;
  updated_at: string;
};
export type SaveDataset = {
  /** What is compared with `golden`. */
  answer?: string;
  cases: Case[];
  checks?: string[];
  /** Id of a workflow: gets `inputs`, `outputs`, `golden`; puts out `score`, 0 to 1. */
  grader?: string | null;
  name: string;
};
export type IngestProblem = {
  code: string;
  message: string;
};
export type MemoryDocument = {
  attempts: number;
  collection: string;
  created_at: string;
  embedded: number;
  id: string;
  media_type: string;
  metadata: {
    [key: string]: JsonValue;
  };
  name: string;
  pages: number | null;
  passages: number;
  problem: IngestProblem | null;
  quarantined: boolean;
  size_bytes: number;
  source: {
    [key: string]: JsonValue;
  };
  status:
    | "receiving"
    | "queued"
    | "parsing"
    | "embedding"
    | "ready"
    | "failed"
    | "dead";
  updated_at: string;
};
export type DocumentList = {
  items: MemoryDocument[];
  next_cursor: string | null;
};
export type DocumentPassage = {
  end: number;
  headings: string[];
  kind: "text" | "heading" | "table" | "code";
  page_from: number | null;
  page_to: number | null;
  position: number;
  start: number;
  text: string;
};
export type DocumentPassages = {
  items: DocumentPassage[];
  next_cursor: string | null;
};
export type Quarantine = {
  /** Kept, but found by no search until released. */
  quarantined: boolean;
};
export type DocumentText = {
  next_offset: number | null;
  offset: number;
  text: string;
};
export type WorkflowRef = {
  id: string;
  name: string;
};
export type Evaluation = {
  against: number | "draft" | null;
  created_at: string;
  created_by: string;
  dataset_id: string;
  dataset_name: string;
  done: number;
  /** Why it failed: a platform's refusal or a grader's. */
  error: string | null;
  finished_at: string | null;
  id: string;
  /** How many there are to make, those of graders left out. */
  runs: number;
  /** Mean of each metric over the cases of `version`, once it has ended. */
  scores: {
    [key: string]: number;
  };
  status: "running" | "succeeded" | "failed" | "cancelled";
  version: number | "draft";
  workflow: WorkflowRef;
};
export type EvaluationList = {
  items: Evaluation[];
  next_cursor: string | null;
};
export type Spending = {
  seconds?: number | null;
  tokens?: number | null;
  usd?: number | null;
};
export type StartEvaluation = {
  /** A version to run on the same cases. */
  against?: number | "draft" | null;
  /** Runs at the same time. */
  at_once?: number;
  /** Tightens the budget of each run. */
  budget?: Spending | null;
  dataset_id: string;
  /** Default: the published one, else the draft. */
  version?: number | "draft" | null;
  workflow_id: string;
};
export type Scored = {
  case: string;
  failed: string[];
  figures: {
    [key: string]: number;
  };
  run_id: string;
};
export type Interval = {
  count: number;
  high: number;
  low: number;
  mean: number;
};
export type MetricLine = {
  before: Interval | null;
  change: Interval | null;
  metric: string;
  now: Interval;
  /** `unclear`: zero is inside the interval of the change, it may be chance. */
  verdict: ("better" | "worse" | "unclear") | null;
};
export type EvaluationResult = {
  cases: Scored[];
  cases_before: Scored[];
  evaluation: Evaluation;
  metrics: MetricLine[];
};
export type Emitted = {
  event_id: string;
};
export type EmitBody = {
  data?: JsonValue;
  name: string;
};
export type ImportProblem = {
  /** The step that stands for it. */
  step: string | null;
  /** What a person can do about it. */
  to_do: string;
  what: string;
  /** The node, as the original calls it. */
  where: string;
};
export type ProblemCode =
  | "yaml_syntax"
  | "duplicate_key"
  | "yaml_tag"
  | "too_large"
  | "unknown_field"
  | "missing_field"
  | "wrong_type"
  | "invalid_value"
  | "invalid_id"
  | "reserved_id"
  | "no_kind"
  | "two_kinds"
  | "unknown_step"
  | "later_step"
  | "cycle"
  | "inner_step_out_of_scope"
  | "unreachable_step"
  | "expression_syntax"
  | "unknown_function"
  | "unknown_name"
  | "expression_too_complex"
  | "unknown_agent"
  | "unknown_model"
  | "unknown_tool"
  | "unknown_workflow"
  | "undeclared_secret"
  | "secret_not_allowed_here"
  | "unknown_topic"
  | "bad_duration"
  | "bad_schedule"
  | "bad_schema"
  | "limit_exceeded"
  | "not_available"
  | "rule_denied";
export type DocumentProblem = {
  code: ProblemCode;
  /** From 1. */
  column: number;
  end_column: number;
  end_line: number;
  hint: string | null;
  /** From 1. */
  line: number;
  message: string;
  /** As in `steps.polish.do.check.prompt`. */
  path: string;
  severity: "error" | "warning";
};
export type WorkflowDocument = {
  draft_valid: boolean;
  etag: string;
  id: string;
  /** `metadata.labels` of the draft. */
  labels: {
    [key: string]: string;
  };
  layout: {
    [key: string]: JsonValue;
  };
  name: string;
  problems: DocumentProblem[];
  published_version: number | null;
  source: string;
  tests: string;
  title: string;
  updated_at: string;
};
export type Imported = {
  /** What was left out or has to be looked at, one sentence each. */
  notes: string[];
  /** The same by node, for other programs' files. */
  problems: ImportProblem[];
  workflow: WorkflowDocument;
};
export type ImportWorkflow = {
  /** Of a crew its `agents.yaml`. */
  agents?: string;
  format?: "flowloom" | "crewai" | "n8n" | "dify" | "flowise" | "langflow";
  layout?: {
    [key: string]: JsonValue;
  } | null;
  /** Name of the workflow that is made; default: the original's, of a crew `imported-crew`. */
  name?: string | null;
  /** The document; of a crew its `tasks.yaml`; else the file that the program exports. */
  source: string;
  tests?: string | null;
};
export type Invitation = {
  created_at: string;
  email: string;
  expires_at: string;
  id: string;
  /** E-mail address of who invited. */
  invited_by: string;
  role: string;
};
export type InvitationList = {
  items: Invitation[];
  next_cursor: string | null;
};
export type InvitationCreated = {
  created_at: string;
  email: string;
  expires_at: string;
  id: string;
  /** E-mail address of who invited. */
  invited_by: string;
  link: string;
  /** False when the mail could not be sent: hand the link over yourself. */
  mailed: boolean;
  role: string;
};
export type CreateInvitation = {
  email: string;
  expires_in_days?: number;
  role: string;
};
export type McpTool = {
  description: string;
  digest: string;
  effect: "none" | "idempotent" | "once";
  input_schema: {
    [key: string]: JsonValue;
  };
  name: string;
};
export type McpServer = {
  calls_per_minute: number;
  /** Which secret is sent in which header. */
  credential: {
    [key: string]: JsonValue;
  } | null;
  etag: string;
  id: string;
  name: string;
  timeout_s: number;
  tools: McpTool[];
  updated_at: string;
  url: string;
};
export type McpProgramTool = {
  effect: "none" | "idempotent" | "once";
  name: string;
};
export type McpProgramShown = {
  calls_per_minute: number;
  name: string;
  timeout_s: number;
  tools: McpProgramTool[];
};
export type McpServerList = {
  items: McpServer[];
  /** Servers of the operator's file; only the operator can change them. */
  programs: McpProgramShown[];
};
export type McpCredential = {
  header?: string;
  /** Stands before the value; empty: the value alone. */
  scheme?: string;
  /** Name of a secret of the workspace. */
  secret: string;
};
export type SaveMcpTool = {
  /** Of the definition that was shown; a check gives it. */
  digest: string;
  /** What a repeated call would do; `once`: it is never repeated without a person. */
  effect?: "none" | "idempotent" | "once";
  name: string;
};
export type SaveMcpServer = {
  calls_per_minute?: number;
  /** None: it asks for none. */
  credential?: McpCredential | null;
  /** What documents write: `mcp/<name>.<tool>`. */
  name: string;
  /** Of one call. */
  timeout_s?: number;
  /** What workflows may call; nothing else is. */
  tools?: SaveMcpTool[];
  /** Its streamable HTTP endpoint, by https. */
  url: string;
};
export type McpToolSeen = {
  description: string;
  digest: string;
  input_schema: {
    [key: string]: JsonValue;
  };
  name: string;
  /** `changed`: not as agreed, refused until it is agreed to again; `gone`: not offered. */
  state: "new" | "agreed" | "changed" | "gone";
  /** What the server says of it; a suggestion, because only you know the server. */
  suggested_effect: "none" | "idempotent" | "once";
};
export type McpCheck = {
  /** `auth`, `denied`, `timeout`, `upstream` and so on. */
  code: string | null;
  duration_ms: number;
  /** Tools that cannot be called, and why. */
  left_out: string[];
  message: string | null;
  ok: boolean;
  protocol: string | null;
  /** How the server calls itself, with its version. */
  server: string | null;
  tools: McpToolSeen[];
};
export type Me = {
  permissions: string[];
  role: string;
  user: User;
  workspace: Workspace;
};
export type ChangePassword = {};
export type ChangePasswordWrite = {
  current_password: string;
  new_password: string;
};
export type SecondFactor = {
  enabled: boolean;
  recovery_codes_left: number;
};
export type SecondFactorBegun = {
  otpauth_uri: string;
  /** The address as a picture for a phone's camera. */
  qr_svg: string;
  secret: string;
};
export type ConfirmPassword = {};
export type ConfirmPasswordWrite = {
  password: string;
};
export type RecoveryCodes = {
  codes: string[];
};
export type ConfirmCode = {
  code: string;
};
export type Member = {
  /** The account itself is disabled, in every workspace. */
  disabled: boolean;
  email: string;
  joined_at: string;
  /** What the role lets them do. */
  permissions: string[];
  /** The identity provider that decides about this membership. */
  provider: string | null;
  role: string;
  /** Whether sign-in asks this person for a code as well. */
  second_factor: boolean;
  /** A suspended member keeps their role and is not let in. */
  suspended: boolean;
  user_id: string;
};
export type MemberList = {
  items: Member[];
  next_cursor: string | null;
};
export type ChangeMember = {
  role?: string | null;
  suspended?: boolean | null;
};
export type RunOrigin = {
  /** None: a step without an agent. */
  agent?: string | null;
  run_id: string;
  step: string;
  workflow_id?: string | null;
};
export type MemoryUse = {
  agent: string | null;
  at: string;
  run_id: string;
  step: string;
  workflow_id: string | null;
};
export type AgentMemory = {
  collection: string;
  corrected_at: string | null;
  /** The person or key that changed its text. */
  corrected_by: string | null;
  created_at: string;
  /** Lists show the first 4,000 characters; one by itself all. */
  cut: boolean;
  id: string;
  origin: RunOrigin;
  /** With `query`: how well it answers. */
  score: number | null;
  text: string;
  updated_at: string;
  /** How many steps have found it. */
  used: number;
  /** The newest 20. */
  uses: MemoryUse[];
};
export type AgentMemories = {
  items: AgentMemory[];
  next_cursor: string | null;
};
export type ForgottenMemories = {
  memories: number;
};
export type ForgetMemories = {
  agent?: string | null;
  collection?: string | null;
  ids?: string[];
  run_id?: string | null;
  workflow_id?: string | null;
};
export type CorrectedMemory = {
  text: string;
};
export type ForgetBody = {
  collection: string;
  document_ids?: string[];
  metadata?: {
    [key: string]: JsonValue;
  };
};
export type PassageHit = {
  citation: Citation;
  collection: string;
  created_at: string;
  kind: "text" | "heading" | "table" | "code";
  metadata: {
    [key: string]: JsonValue;
  };
  /** What the re-ranking model says of it; its scale is the model's own. */
  rerank_score: number | null;
  score: number;
  similarity: number | null;
  text: string;
  text_rank: number | null;
  vector_rank: number | null;
};
export type PassageHits = {
  items: PassageHit[];
  /** `done`; `unavailable`: the order is the search's own; None: no collection asks for it. */
  reranking: ("done" | "unavailable") | null;
};
export type MemoryFilter = {
  created_after?: string | null;
  created_before?: string | null;
  document_ids?: string[];
  media_types?: string[];
  /** The document's metadata contain this. */
  metadata?: {
    [key: string]: JsonValue;
  };
};
export type SearchBody = {
  /** Default: the first 20 that the caller may read. */
  collections?: string[];
  filter?: MemoryFilter;
  /** Age at which a document counts three quarters of a new one. */
  fresh_days?: number | null;
  /** By meaning and by words, or one of them. */
  mode?: "hybrid" | "vector" | "text";
  /** Most passages of one document. */
  per_document?: number;
  query: string;
  top?: number;
};
export type Price = {
  input: number;
  output: number;
};
export type Model = {
  at_once: number | null;
  base_url: string;
  calls_tools: boolean;
  context_tokens: number;
  etag: string | null;
  extra_body: {
    [key: string]: JsonValue;
  };
  fallback: string | null;
  has_key: boolean;
  /** None for the platform's own, which the operator has set. */
  id: string | null;
  /** Whether steps that say `default` use it. */
  is_default: boolean;
  kind: "openai_compatible" | "anthropic";
  model: string;
  name: string;
  per_minute: number | null;
  price: Price | null;
  source: "platform" | "workspace";
  temperature: number | null;
  updated_at: string | null;
};
export type ModelList = {
  items: Model[];
};
export type SaveModel = {
  /** Calls in flight that one process makes; others wait. */
  at_once?: number | null;
  /** Ends in `/v1` with most servers. */
  base_url: string;
  /** Whether it understands tool calls. */
  calls_tools?: boolean;
  context_tokens?: number;
  /** Fields added to each request. */
  extra_body?: {
    [key: string]: JsonValue;
  };
  /** The model that answers when this one is away, too slow or limits calls, and has said nothing yet; `default` is the one that the settings name. */
  fallback?: string | null;
  kind?: "openai_compatible" | "anthropic";
  /** What the server calls it. */
  model: string;
  /** What documents write; `default` is the one that the settings name. */
  name: string;
  /** Calls a minute that one process makes; more are refused. */
  per_minute?: number | null;
  /** None: it costs nothing that is counted. */
  price?: Price | null;
  /** For steps that say nothing. */
  temperature?: number | null;
};
export type SaveModelWrite = {
  /** None keeps the one that is there, as long as the host stays the same; empty removes it. */
  api_key?: string | null;
  /** Calls in flight that one process makes; others wait. */
  at_once?: number | null;
  /** Ends in `/v1` with most servers. */
  base_url: string;
  /** Whether it understands tool calls. */
  calls_tools?: boolean;
  context_tokens?: number;
  /** Fields added to each request. */
  extra_body?: {
    [key: string]: JsonValue;
  };
  /** The model that answers when this one is away, too slow or limits calls, and has said nothing yet; `default` is the one that the settings name. */
  fallback?: string | null;
  kind?: "openai_compatible" | "anthropic";
  /** What the server calls it. */
  model: string;
  /** What documents write; `default` is the one that the settings name. */
  name: string;
  /** Calls a minute that one process makes; more are refused. */
  per_minute?: number | null;
  /** None: it costs nothing that is counted. */
  price?: Price | null;
  /** For steps that say nothing. */
  temperature?: number | null;
};
export type ModelTest = {
  answer: string | null;
  /** `auth`, `timeout`, `upstream` and so on. */
  code: string | null;
  duration_ms: number;
  message: string | null;
  ok: boolean;
  tokens: number;
};
export type Notification = {
  body: string;
  created_at: string;
  details: {
    [key: string]: JsonValue;
  };
  id: string;
  kind:
    | "run_failed"
    | "run_succeeded"
    | "run_cancelled"
    | "approval_requested"
    | "budget_warned"
    | "budget_reached"
    | "schedule_failed"
    | "endpoint_disabled";
  read_at: string | null;
  run_id: string | null;
  title: string;
  workflow: WorkflowRef | null;
};
export type NotificationList = {
  items: Notification[];
  next_cursor: string | null;
  /** Of all, not of this page. */
  unread: number;
};
export type NotificationChoice = {
  in_app: boolean;
  kind:
    | "run_failed"
    | "run_succeeded"
    | "run_cancelled"
    | "approval_requested"
    | "budget_warned"
    | "budget_reached"
    | "schedule_failed"
    | "endpoint_disabled";
  mail: boolean;
};
export type NotificationChoices = {
  items: NotificationChoice[];
};
export type SaveNotificationChoices = {
  items: NotificationChoice[];
};
export type Unread = {
  unread: number;
};
export type MarkNotifications = {
  /** None: all of them. */
  ids?: string[] | null;
  read?: boolean;
};
export type OAuthToken = {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  scope: string;
  token_type: "Bearer";
};
export type Tile = {
  height: number;
  hidden: boolean;
  id: string;
  width: number;
  x: number;
  y: number;
};
export type SavedView = {
  name: string;
  /** Such as `runs`. */
  page: string;
  query: string;
};
export type Preferences = {
  accent: string;
  contrast: "system" | "normal" | "more";
  /** Empty: the layout that everybody starts with. */
  dashboard: Tile[];
  density: "comfortable" | "compact";
  etag: string;
  /** Empty: the browser's. */
  language: string;
  motion: "system" | "full" | "reduced";
  seen: string[];
  shortcuts: {
    [key: string]: string;
  };
  theme: "system" | "light" | "dark";
  time_zone: string;
  views: SavedView[];
};
export type SavePreferences = {
  accent?: string | null;
  contrast?: ("system" | "normal" | "more") | null;
  dashboard?: Tile[] | null;
  density?: ("comfortable" | "compact") | null;
  /** As `de-CH`; empty: the browser's. */
  language?: string | null;
  motion?: ("system" | "full" | "reduced") | null;
  /** Hints that are not to be shown again. */
  seen?: string[] | null;
  /** Keys by command, only those that were changed. */
  shortcuts?: {
    [key: string]: string;
  } | null;
  theme?: ("system" | "light" | "dark") | null;
  /** An IANA name; empty: the browser's. */
  time_zone?: string | null;
  views?: SavedView[] | null;
};
export type RunError = {
  code: string;
  message: string;
  step?: string | null;
};
export type ForkOrigin = {
  run_id: string;
  step: string;
};
export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "paused"
  | "cancelling"
  | "succeeded"
  | "failed"
  | "cancelled";
export type UsageView = {
  tokens: number;
  tokens_saved: number;
  usd: number;
};
export type Run = {
  attempt: number;
  created_at: string;
  error: RunError | null;
  finished_at: string | null;
  forked_from: ForkOrigin | null;
  id: string;
  inputs: {
    [key: string]: JsonValue;
  };
  outputs: {
    [key: string]: JsonValue;
  } | null;
  /** The step that started this run. */
  parent: ForkOrigin | null;
  priority: number;
  started_at: string | null;
  status: RunStatus;
  /** In which the run was started and carried out: logs and traces name it. */
  trace_id: string | null;
  usage: UsageView;
  version: number | "draft";
  workflow: WorkflowRef;
};
export type AskProposal = {
  /** A model by its name; else the default. */
  model?: string | null;
  /** What is wrong with the document and has to be mended. */
  problems?: string[];
  /** The document as it is now; empty for a new workflow. */
  source?: string;
  /** What is wanted, in a person's words. */
  text: string;
};
export type WorkspaceRole = {
  /** Every workspace has it; it cannot be changed. */
  built_in: boolean;
  description: string;
  /** What `If-Match` names to change it; a built-in role has none. */
  etag: string | null;
  /** Of a role that every workspace has, its name. */
  id: string;
  /** How many people have it. */
  members: number;
  name: string;
  permissions: string[];
};
export type RoleList = {
  items: WorkspaceRole[];
  next_cursor: string | null;
};
export type CreateRole = {
  description?: string;
  /** Stays for good: steps, claims of identity providers and shares call the role by it. */
  name: string;
  permissions: string[];
};
export type ChangeRole = {
  description?: string | null;
  permissions?: string[] | null;
};
export type RuleLimit = {
  per?: "run" | "day";
  /** Runs in progress at once (`run`) or started (`day`). */
  runs?: number | null;
  tokens?: number | null;
  usd?: number | null;
};
export type Rule = {
  effect: "deny" | "require_approval" | "limit";
  enabled?: boolean;
  limit?: RuleLimit | null;
  /** Why, for the person who is refused. */
  message?: string | null;
  /** Named in every refusal. */
  name: string;
  /** Who approves: `role:admin`, `user:…`. */
  to?: string[];
  /** One `${…}` or a bare condition. */
  when: string;
};
export type RuleSet = {
  etag: string;
  items: Rule[];
  updated_at: string | null;
};
export type SaveRules = {
  items: Rule[];
};
export type RunList = {
  items: Run[];
  next_cursor: string | null;
};
export type CommandBody = {
  reason?: string | null;
};
export type ApprovalMilestone = {
  at: string;
  attempt: number;
  data: Approval;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "approval.requested.v1" | "approval.decided.v1";
};
export type BudgetData = {
  /** What follows: `ask`, `fail` or a model's name. */
  action: string | null;
  limit: number;
  rule: string | null;
  scope:
    | "step"
    | "run"
    | "day"
    | "rule"
    | "workspace"
    | "workflow"
    | "member"
    | "api_key";
  unit: "tokens" | "usd" | "seconds";
  used: number;
};
export type BudgetMilestone = {
  at: string;
  attempt: number;
  data: BudgetData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "budget.warned.v1" | "budget.reached.v1";
};
export type FileData = {
  media_type: string;
  path: string;
  size: number;
  version: number;
};
export type FileWritten = {
  at: string;
  attempt: number;
  data: FileData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "file.written.v1";
};
export type LogData = {
  level: "debug" | "info" | "warning" | "error";
  message: string;
};
export type LogWritten = {
  at: string;
  attempt: number;
  data: LogData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "log.written.v1";
};
export type CallData = {
  arguments_preview: string | null;
  call: number;
  duration_ms: number;
  exec: number;
  name: string;
  replayed: boolean;
  /** The run that the call has started. */
  run_id: string | null;
  usage: UsageView | null;
};
export type CallEnded = {
  at: string;
  attempt: number;
  data: CallData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "model.called.v1" | "tool.called.v1";
};
export type RunData = {
  error: RunError | null;
  outputs: {
    [key: string]: JsonValue;
  } | null;
  reason: string | null;
  status: RunStatus;
  usage: UsageView | null;
};
export type RunMilestone = {
  at: string;
  data: RunData;
  epoch: number;
  run_id: string;
  seq: number;
  stream: string;
  type:
    | "run.accepted.v1"
    | "run.started.v1"
    | "run.waiting.v1"
    | "run.paused.v1"
    | "run.resumed.v1"
    | "run.cancelling.v1"
    | "run.finished.v1";
};
export type DeltaData = {
  channel: "thinking" | "tools" | "answer";
  exec: number;
  offset: number;
  text: string;
};
export type StepDelta = {
  at: string;
  attempt: number;
  data: DeltaData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type: "step.delta.v1";
};
export type StepError = {
  /** A code of the language (section 3.3) or an HTTP status as text. */
  code: string;
  message: string;
};
export type StepStatus =
  | "pending"
  | "queued"
  | "running"
  | "waiting"
  | "retrying"
  | "succeeded"
  | "failed"
  | "skipped"
  | "cancelled"
  | "reused";
export type StepData = {
  agent: string | null;
  error: StepError | null;
  /** Fencing token of the claim. */
  exec: number | null;
  kind: string;
  output_preview: JsonValue;
  output_ref: string | null;
  recovered: boolean | null;
  status: StepStatus;
  usage: UsageView | null;
  wake_at: string | null;
};
export type StepMilestone = {
  at: string;
  attempt: number;
  data: StepData;
  epoch: number;
  iteration: number | null;
  run_id: string;
  seq: number;
  step: string;
  stream: string;
  type:
    | "step.queued.v1"
    | "step.started.v1"
    | "step.waiting.v1"
    | "step.retrying.v1"
    | "step.finished.v1"
    | "step.skipped.v1"
    | "step.reused.v1";
};
export type HeadData = {
  cursor: string;
};
export type StreamHead = {
  at: string;
  data: HeadData;
  epoch: number;
  run_id: string;
  stream: string;
  type: "stream.head.v1";
};
export type StepRun = {
  agent: string | null;
  approval_id: string | null;
  /** 0 before the first start. */
  attempt: number;
  child_run_id: string | null;
  error: StepError | null;
  finished_at: string | null;
  kind: string;
  output: JsonValue;
  /** Where the whole value is when `output` is a preview. */
  output_ref: string | null;
  path: string;
  recovered: boolean;
  started_at: string | null;
  status: StepStatus;
  usage: UsageView;
  /** `approval`, `event` and so on, while it waits. */
  waits_for: string | null;
  wake_at: string | null;
};
export type StepText = {
  channels: {
    [key: string]: string;
  };
  exec: number;
};
export type RunSnapshot = {
  cursor: string;
  run: Run;
  steps: StepRun[];
  /** Where the other steps begin, when there are more than fit in here. */
  steps_cursor: string | null;
  texts: {
    [key: string]: StepText;
  };
};
export type ResyncData = {
  cursor: string;
  snapshot: RunSnapshot;
};
export type StreamResync = {
  at: string;
  data: ResyncData;
  epoch: number;
  run_id: string;
  stream: string;
  type: "stream.resync.v1";
};
export type RunEventList = {
  items: (
    | ({
        type: "approval.decided.v1";
      } & ApprovalMilestone)
    | ({
        type: "approval.requested.v1";
      } & ApprovalMilestone)
    | ({
        type: "budget.reached.v1";
      } & BudgetMilestone)
    | ({
        type: "budget.warned.v1";
      } & BudgetMilestone)
    | ({
        type: "file.written.v1";
      } & FileWritten)
    | ({
        type: "log.written.v1";
      } & LogWritten)
    | ({
        type: "model.called.v1";
      } & CallEnded)
    | ({
        type: "run.accepted.v1";
      } & RunMilestone)
    | ({
        type: "run.cancelling.v1";
      } & RunMilestone)
    | ({
        type: "run.finished.v1";
      } & RunMilestone)
    | ({
        type: "run.paused.v1";
      } & RunMilestone)
    | ({
        type: "run.resumed.v1";
      } & RunMilestone)
    | ({
        type: "run.started.v1";
      } & RunMilestone)
    | ({
        type: "run.waiting.v1";
      } & RunMilestone)
    | ({
        type: "step.delta.v1";
      } & StepDelta)
    | ({
        type: "step.finished.v1";
      } & StepMilestone)
    | ({
        type: "step.queued.v1";
      } & StepMilestone)
    | ({
        type: "step.retrying.v1";
      } & StepMilestone)
    | ({
        type: "step.reused.v1";
      } & StepMilestone)
    | ({
        type: "step.skipped.v1";
      } & StepMilestone)
    | ({
        type: "step.started.v1";
      } & StepMilestone)
    | ({
        type: "step.waiting.v1";
      } & StepMilestone)
    | ({
        type: "stream.head.v1";
      } & StreamHead)
    | ({
        type: "stream.resync.v1";
      } & StreamResync)
    | ({
        type: "tool.called.v1";
      } & CallEnded)
  )[];
  next_cursor: string | null;
};
export type Remedy = {
  /** `retry` of the run, `fork` of it, a changed `document`, or the same `again`. */
  kind: "retry" | "fork" | "document" | "again";
  last_at: string;
  last_run_id: string;
  /** None is the draft. */
  last_version: number | null;
  /** How many of the failed runs. */
  runs: number;
};
export type KnownFailure = {
  code: string;
  first_seen: string;
  last_run_id: string;
  last_seen: string;
  /** As it was the last time. */
  message: string;
  /** What was followed by a success, the most frequent first. */
  remedies: Remedy[];
  seen: number;
  signature: string;
  /** A path; of loops without the number of the item. */
  step: string | null;
  workflow_id: string;
};
export type KnownFailures = {
  items: KnownFailure[];
};
export type RunFile = {
  at: string;
  /** By the name's ending, and by the content where it says otherwise. */
  media_type: string;
  path: string;
  /** Hash of the content, 64 hexadecimal digits. */
  sha256: string;
  /** Bytes. */
  size: number;
  /** Path of the step that wrote it. */
  step: string;
  /** Counts from 1; a fork keeps the numbers of the run it came from. */
  version: number;
};
export type RunFileList = {
  items: RunFile[];
  next_cursor: string | null;
};
export type ForkReport = {
  /** Steps among `rerun` whose effect outside happens again. */
  effects: string[];
  rerun: string[];
  reused: string[];
  tokens_saved: number;
};
export type StepOverride = {
  model?: string | null;
  output?: JsonValue;
  prompt?: string | null;
};
export type ForkBody = {
  dry_run?: boolean;
  from_step: string;
  /** Default: the old run's. */
  inputs?: {
    [key: string]: JsonValue;
  } | null;
  overrides?: {
    [key: string]: StepOverride;
  };
};
export type RunRecordExport = {
  /** SHA-256 of the document. */
  document_hash: string;
  /** Paths of the pages of events, in order, as `/v1/runs/{id}/events?after=0&limit=5000`. */
  event_pages: string[];
  exported_at: string;
  format: "flowloom/run-record/v1";
  run: Run;
  /** The frozen document, byte for byte. */
  source: string;
  steps: StepRun[];
  /** Where the run's trace is shown, if the operator collects traces. */
  trace_url: string | null;
  /** Paths of the values too large for this document. */
  values: string[];
};
export type RetryBody = {
  reason?: string | null;
};
export type SavedTest = {
  removed: string[];
  tests: string;
};
export type StepList = {
  items: StepRun[];
  next_cursor: string | null;
};
export type StoredValue = {
  ref: string;
  /** Bytes of JSON. */
  size: number;
  value: JsonValue;
};
export type Schedule = {
  cron: string;
  id: string;
  last_at: string | null;
  last_error: string | null;
  last_run_id: string | null;
  misfire: "skip" | "run_once" | "run_all";
  next_at: string | null;
  paused: boolean;
  trigger: string;
  version: number;
  workflow: WorkflowRef;
  zone: string;
};
export type ScheduleList = {
  items: Schedule[];
  next_cursor: string | null;
};
export type Secret = {
  created_at: string;
  /** What `If-Match` names to save over this value and no later one. */
  etag: string;
  last_used_at: string | null;
  name: string;
  updated_at: string;
};
export type SecretList = {
  items: Secret[];
  next_cursor: string | null;
};
export type SaveSecret = {};
export type SaveSecretWrite = {
  value: string;
};
export type MySession = {
  /** From where it was used last. */
  address: string | null;
  created_at: string;
  current: boolean;
  /** Browser and system, as the browser names itself. */
  device: string | null;
  id: string;
  last_used_at: string;
  workspace: Workspace;
};
export type MySessionList = {
  items: MySession[];
  next_cursor: string | null;
};
export type WorkspaceSettings = {
  default_model: string | null;
  etag: string;
  run_retention_days: number | null;
  self_approval: "allow" | "forbid";
  updated_at: string | null;
};
export type SaveSettings = {
  /** For steps that say `default`; None: the platform's. */
  default_model?: string | null;
  /** How long ended runs are kept; None: as long as the platform. */
  run_retention_days?: number | null;
  /** Whether who started a run may approve in it. */
  self_approval?: "allow" | "forbid";
};
export type Figure = {
  before: number | null;
  /** `(value - before) / before`; None where that cannot be said. */
  change: number | null;
  /** None where nothing was counted that it could be made of. */
  value: number | null;
};
export type InProgress = {
  queued: number;
  running: number;
  /** Waiting for a person, an event or a time, or paused. */
  waiting: number;
};
export type ModelFigures = {
  calls: number;
  model: string;
  tokens: number;
  usd: number;
};
export type WorkflowSummary = {
  draft_valid: boolean;
  id: string;
  /** `metadata.labels` of the draft. */
  labels: {
    [key: string]: string;
  };
  name: string;
  published_version: number | null;
  title: string;
  updated_at: string;
};
export type RunSummary = {
  created_at: string;
  error: RunError | null;
  finished_at: string | null;
  id: string;
  started_at: string | null;
  status: RunStatus;
  workflow: WorkflowRef;
};
export type Point = {
  at: string;
  cancelled: number;
  failed: number;
  succeeded: number;
  tokens: number;
  usd: number;
};
export type WorkflowFigures = {
  average_ms: number | null;
  failed: number;
  runs: number;
  tokens: number;
  usd: number;
  workflow: WorkflowRef;
};
export type Overview = {
  approvals_waiting: number;
  failures: Figure;
  in_progress: InProgress;
  /** Those with the most tokens, at most twenty. */
  models: ModelFigures[];
  /** Median time from start to end, within 5 %. */
  p50_ms: Figure;
  p95_ms: Figure;
  /** The newest at most ten. */
  recent_edits: WorkflowSummary[];
  /** The newest at most ten. */
  recent_failures: RunSummary[];
  /** The newest at most ten. */
  running_now: RunSummary[];
  /** Runs that ended. */
  runs: Figure;
  /** Without gaps, the oldest first. */
  series: Point[];
  since: string;
  /** Of the runs that were not cancelled, from 0 to 1. */
  success_rate: Figure;
  tokens: Figure;
  tokens_saved: Figure;
  /** How long a point of `series` is. */
  unit: "hour" | "day";
  until: string;
  usd: Figure;
  window: "24h" | "7d" | "30d" | "90d";
  /** Those with the most runs, at most twenty. */
  workflows: WorkflowFigures[];
};
export type StepGroup = {
  /** Closed until somebody opens it. */
  folded: boolean;
  id: string;
  title: string;
};
export type StepPort = {
  /** JSON Schema of the value; an empty one is any value. */
  carries: {
    [key: string]: JsonValue;
  };
  /** Field of the step with the JSON Schema of the value; where it is written, it counts. */
  carries_from: string | null;
  direction: "in" | "out";
  /** The list of this step that has one such port for each entry. */
  each_of: string | null;
  /** Unique on the card. */
  id: string;
  /** `flow` is the usual order, `case` a branch, `body` what is inside, `error` the recovery. */
  role: "flow" | "case" | "body" | "error";
  title: string;
  /** Where the document says it: `needs` of the step at the other end, else a field of this. */
  written_to: string;
};
export type StepType = {
  /** Whether this server can carry it out. */
  available: boolean;
  category: "ai" | "data" | "connect" | "flow" | "people";
  category_title: string;
  description: string;
  /** A step that is valid as it is: what a new card begins with. */
  example: {
    [key: string]: JsonValue;
  };
  /** Name of one of Tabler's icons. */
  icon: string;
  /** JSON Schema 2020-12 of the step, without references. `x-ui` of a field has `group` and `order`, `widget` where the type does not say enough, and `template: true` where `${…}` may stand. */
  json_schema: {
    [key: string]: JsonValue;
  };
  /** The key of the document. */
  kind: string;
  ports: StepPort[];
  size: "small" | "medium" | "large" | "container";
  /** Words that also find it. */
  synonyms: string[];
  title: string;
  unavailable_reason: string | null;
};
export type StepTypeList = {
  groups: StepGroup[];
  items: StepType[];
  /** The language of the texts. */
  language: "en" | "de";
};
export type TemplateNeeds = {
  agents: string[];
  /** It calls addresses outside. */
  internet: boolean;
  /** Beside `default`. */
  models: string[];
  /** Somebody has to decide something. */
  people: boolean;
  secrets: string[];
  tools: string[];
  workflows: string[];
};
export type Template = {
  categories: string[];
  description: string;
  id: string;
  /** The kinds of its steps. */
  kinds: string[];
  /** `start-here` for those to begin with. */
  level: string | null;
  needs: TemplateNeeds;
  steps: number;
  title: string;
};
export type TemplateList = {
  items: Template[];
};
export type TemplateDocument = {
  categories: string[];
  description: string;
  id: string;
  inputs: {
    [key: string]: JsonValue;
  };
  /** The kinds of its steps. */
  kinds: string[];
  /** `start-here` for those to begin with. */
  level: string | null;
  needs: TemplateNeeds;
  source: string;
  steps: number;
  tests: string;
  title: string;
};
export type UsageRow = {
  agent: string | null;
  calls: number;
  day: string | null;
  /** Empty for calls of tools and addresses. */
  model: string | null;
  /** Time that the calls took together. */
  seconds: number;
  /** A path without the numbers of items. */
  step: string | null;
  tokens: number;
  usd: number;
  /** Their address when they started the run. */
  user: string | null;
  user_id: string | null;
  workflow: WorkflowRef | null;
};
export type UsageReport = {
  group_by: ("day" | "workflow" | "step" | "agent" | "model" | "user")[];
  /** False when there are more groups than `items` can hold. */
  is_complete: boolean;
  /** The most expensive first, then those with the most tokens. */
  items: UsageRow[];
  runs: number;
  seconds: number;
  since: string;
  tokens: number;
  /** Tokens of reused steps and replayed calls. */
  tokens_saved: number;
  /** The last day, included. */
  until: string;
  usd: number;
};
export type Validation = {
  problems: DocumentProblem[];
};
export type ValidateSource = {
  source: string;
};
export type Endpoint = {
  active: boolean;
  created_at: string;
  description: string;
  /** Why it was switched off by itself. */
  disabled_reason: string | null;
  /** What `If-Match` names to replace it. */
  etag: string;
  events: (
    | "run_failed"
    | "run_succeeded"
    | "run_cancelled"
    | "approval_requested"
    | "budget_warned"
    | "budget_reached"
    | "schedule_failed"
    | "endpoint_disabled"
  )[];
  failing_since: string | null;
  id: string;
  /** Who saved it last, in person or by a key: it is told of what they may read. Without one it is not told of workflows that are shared with some people only, until it is saved again. */
  subscriber_id: string | null;
  url: string;
};
export type EndpointList = {
  items: Endpoint[];
};
export type EndpointCreated = {
  endpoint: Endpoint;
  secret: string;
};
export type SaveEndpoint = {
  active?: boolean;
  description?: string;
  events: (
    | "run_failed"
    | "run_succeeded"
    | "run_cancelled"
    | "approval_requested"
    | "budget_warned"
    | "budget_reached"
    | "schedule_failed"
    | "endpoint_disabled"
  )[];
  url: string;
};
export type EndpointDelivery = {
  /** HTTP status of the last answer. */
  answer: number | null;
  attempts: number;
  created_at: string;
  delivered_at: string | null;
  error: string | null;
  event: string;
  id: string;
  next_at: string | null;
  payload: {
    [key: string]: JsonValue;
  };
  status: "pending" | "delivered" | "dead";
};
export type EndpointDeliveryList = {
  items: EndpointDelivery[];
  next_cursor: string | null;
};
export type EndpointSecret = {
  secret: string;
};
export type Webhook = {
  active: boolean;
  auth: "api_key" | "signature" | "none";
  created_at: string;
  /** A signing secret was made for it. */
  has_secret: boolean;
  id: string;
  last_delivery_at: string | null;
  /** As in `/hooks/{id}`. */
  path: string;
  trigger: string;
  /** The published version it belongs to. */
  version: number;
  workflow: WorkflowRef;
};
export type WebhookList = {
  items: Webhook[];
  next_cursor: string | null;
};
export type HookDelivery = {
  attempts: number;
  id: string;
  next_attempt_at: string | null;
  reason: string | null;
  received_at: string;
  run_id: string | null;
  status: "pending" | "started" | "dead";
  webhook_id: string;
};
export type HookDeliveryList = {
  items: HookDelivery[];
  next_cursor: string | null;
};
export type WebhookSecret = {
  id: string;
  secret: string;
};
export type WorkflowList = {
  items: WorkflowSummary[];
  next_cursor: string | null;
};
export type SaveWorkflow = {
  layout?: {
    [key: string]: JsonValue;
  } | null;
  source: string;
  tests?: string | null;
};
export type WorkflowExport = {
  file_name: string;
  layout: {
    [key: string]: JsonValue;
  };
  /** What the importing workspace has to have. */
  secrets: string[];
  source: string;
  tests: string;
};
export type Published = {
  version: number;
};
export type Publish = {
  note?: string | null;
};
export type Restore = {
  version: number;
};
export type StepRef = {
  run_id: string;
  /** A path such as `polish[1].check`. */
  step: string;
};
export type StartRunBody = {
  /** Tightens the document's own budget for this run. */
  budget?: Spending | null;
  /** Reuse what that run did before the step. */
  from?: StepRef | null;
  inputs?: {
    [key: string]: JsonValue;
  };
  /** Outputs given instead of running the steps. */
  pins?: {
    [key: string]: JsonValue;
  };
  /** Higher starts earlier within the workspace. */
  priority?: number;
  /** Run only this step and what it depends on. */
  until_step?: string | null;
  /** Default: the published version, else the draft. */
  version?: number | "draft" | null;
};
export type Share = {
  kind: "member" | "role";
  /** `view` reads it and its runs; `run` starts, commands and decides too; `edit` does all. */
  reach: "view" | "run" | "edit";
  /** A member's user id, or the name of a role. */
  who: string;
};
export type Sharing = {
  /** What `If-Match` names to replace it. */
  etag: string;
  /** How far the asking person may go, within what their role allows. */
  reach: "none" | "view" | "run" | "edit";
  restricted: boolean;
  shares: Share[];
};
export type SaveSharing = {
  /** False: everybody in the workspace, as far as their role allows. */
  restricted: boolean;
  shares?: Share[];
};
export type VersionSummary = {
  document_hash: string;
  note: string | null;
  published_at: string;
  published_by: string | null;
  version: number;
};
export type VersionList = {
  items: VersionSummary[];
  next_cursor: string | null;
};
export type VersionDiff = {
  /** Paths of steps that only `after` has. */
  added: string[];
  after: string;
  before: string;
  changed: string[];
  removed: string[];
  /** Unified diff of the texts. */
  unified: string;
};
export type VersionDocument = {
  document_hash: string;
  layout: {
    [key: string]: JsonValue;
  };
  note: string | null;
  published_at: string;
  published_by: string | null;
  source: string;
  version: number;
};
export type WorkspaceMembership = {
  current: boolean;
  id: string;
  name: string;
  role: string;
};
export type WorkspaceList = {
  items: WorkspaceMembership[];
  next_cursor: string | null;
};
export type CreateWorkspace = {
  name: string;
};
export const {
  useReceiveHookMutation,
  useListAgentsQuery,
  useLazyListAgentsQuery,
  useDeleteAgentMutation,
  useGetAgentQuery,
  useLazyGetAgentQuery,
  useSaveAgentMutation,
  useListApiClientsQuery,
  useLazyListApiClientsQuery,
  useCreateApiClientMutation,
  useRevokeApiClientMutation,
  useRotateApiClientMutation,
  useListApiKeysQuery,
  useLazyListApiKeysQuery,
  useCreateApiKeyMutation,
  useRevokeApiKeyMutation,
  useRotateApiKeyMutation,
  useListApprovalsQuery,
  useLazyListApprovalsQuery,
  useGetApprovalQuery,
  useLazyGetApprovalQuery,
  useDecideApprovalMutation,
  useListAuditEntriesQuery,
  useLazyListAuditEntriesQuery,
  useExportAuditEntriesQuery,
  useLazyExportAuditEntriesQuery,
  useSeeInvitationMutation,
  useAcceptInvitationAsNewMutation,
  useLogInMutation,
  useLogOutMutation,
  useFinishOidcSignInQuery,
  useLazyFinishOidcSignInQuery,
  useStartOidcSignInQuery,
  useLazyStartOidcSignInQuery,
  useForgetPasswordMutation,
  useResetPasswordMutation,
  useListSignInProvidersQuery,
  useLazyListSignInProvidersQuery,
  useRefreshSessionMutation,
  useSetUpMutation,
  useListBudgetsQuery,
  useLazyListBudgetsQuery,
  useReplaceBudgetsMutation,
  useReportClientErrorMutation,
  useListCollectionsQuery,
  useLazyListCollectionsQuery,
  useCreateCollectionMutation,
  useDeleteCollectionMutation,
  useGetCollectionQuery,
  useLazyGetCollectionQuery,
  useSaveCollectionMutation,
  useExportCollectionQuery,
  useLazyExportCollectionQuery,
  useListConversationsQuery,
  useLazyListConversationsQuery,
  useBeginConversationMutation,
  useDeleteConversationMutation,
  useGetConversationQuery,
  useLazyGetConversationQuery,
  useChangeConversationMutation,
  useListMessagesQuery,
  useLazyListMessagesQuery,
  useSendMessageMutation,
  useRegenerateAnswerMutation,
  useStopAnswerMutation,
  useListDatasetsQuery,
  useLazyListDatasetsQuery,
  useCreateDatasetMutation,
  useDeleteDatasetMutation,
  useGetDatasetQuery,
  useLazyGetDatasetQuery,
  useReplaceDatasetMutation,
  useListDocumentsQuery,
  useLazyListDocumentsQuery,
  useUploadDocumentMutation,
  useDeleteDocumentMutation,
  useGetDocumentQuery,
  useLazyGetDocumentQuery,
  useDownloadDocumentQuery,
  useLazyDownloadDocumentQuery,
  useListDocumentPassagesQuery,
  useLazyListDocumentPassagesQuery,
  useQuarantineDocumentMutation,
  useRetryDocumentMutation,
  useGetDocumentTextQuery,
  useLazyGetDocumentTextQuery,
  useListEvaluationsQuery,
  useLazyListEvaluationsQuery,
  useStartEvaluationMutation,
  useGetEvaluationQuery,
  useLazyGetEvaluationQuery,
  useCancelEvaluationMutation,
  useGetEvaluationReportQuery,
  useLazyGetEvaluationReportQuery,
  useEmitEventMutation,
  useImportWorkflowMutation,
  useListInvitationsQuery,
  useLazyListInvitationsQuery,
  useCreateInvitationMutation,
  useAcceptInvitationMutation,
  useRevokeInvitationMutation,
  useListMcpServersQuery,
  useLazyListMcpServersQuery,
  useCreateMcpServerMutation,
  useTryMcpServerMutation,
  useDeleteMcpServerMutation,
  useGetMcpServerQuery,
  useLazyGetMcpServerQuery,
  useReplaceMcpServerMutation,
  useCheckMcpServerMutation,
  useDescribeMeQuery,
  useLazyDescribeMeQuery,
  useChangePasswordMutation,
  useDescribeTotpQuery,
  useLazyDescribeTotpQuery,
  useBeginTotpMutation,
  useConfirmTotpMutation,
  useDisableTotpMutation,
  useRenewRecoveryCodesMutation,
  useListMembersQuery,
  useLazyListMembersQuery,
  useLeaveWorkspaceMutation,
  useRemoveMemberMutation,
  useChangeMemberMutation,
  useDisableAccountMutation,
  useEnableAccountMutation,
  useListMemoriesQuery,
  useLazyListMemoriesQuery,
  useForgetMemoriesMutation,
  useForgetMemoryMutation,
  useGetMemoryQuery,
  useLazyGetMemoryQuery,
  useCorrectMemoryMutation,
  useForgetDocumentsMutation,
  useSearchMemoryMutation,
  useListModelsQuery,
  useLazyListModelsQuery,
  useCreateModelMutation,
  useTryModelMutation,
  useDeleteModelMutation,
  useGetModelQuery,
  useLazyGetModelQuery,
  useReplaceModelMutation,
  useTestModelMutation,
  useListNotificationsQuery,
  useLazyListNotificationsQuery,
  useGetNotificationChoicesQuery,
  useLazyGetNotificationChoicesQuery,
  useSaveNotificationChoicesMutation,
  useMarkNotificationsMutation,
  useIssueTokenMutation,
  useGetPreferencesQuery,
  useLazyGetPreferencesQuery,
  useSavePreferencesMutation,
  useAskProposalMutation,
  useListRolesQuery,
  useLazyListRolesQuery,
  useCreateRoleMutation,
  useDeleteRoleMutation,
  useGetRoleQuery,
  useLazyGetRoleQuery,
  useChangeRoleMutation,
  useGetRulesQuery,
  useLazyGetRulesQuery,
  useReplaceRulesMutation,
  useListRunsQuery,
  useLazyListRunsQuery,
  useGetRunQuery,
  useLazyGetRunQuery,
  useCancelRunMutation,
  useListRunEventsQuery,
  useLazyListRunEventsQuery,
  useListRunFailuresQuery,
  useLazyListRunFailuresQuery,
  useListRunFilesQuery,
  useLazyListRunFilesQuery,
  useDownloadRunFileQuery,
  useLazyDownloadRunFileQuery,
  useForkRunMutation,
  useKillRunMutation,
  usePauseRunMutation,
  useExportRunRecordQuery,
  useLazyExportRunRecordQuery,
  useResumeRunMutation,
  useRetryRunMutation,
  useSaveRunAsTestMutation,
  useGetRunSnapshotQuery,
  useLazyGetRunSnapshotQuery,
  useListRunStepsQuery,
  useLazyListRunStepsQuery,
  useStreamRunEventsQuery,
  useLazyStreamRunEventsQuery,
  useGetRunValueQuery,
  useLazyGetRunValueQuery,
  useListSchedulesQuery,
  useLazyListSchedulesQuery,
  usePauseScheduleMutation,
  useResumeScheduleMutation,
  useListSecretsQuery,
  useLazyListSecretsQuery,
  useDeleteSecretMutation,
  useSaveSecretMutation,
  useEndOtherSessionsMutation,
  useListSessionsQuery,
  useLazyListSessionsQuery,
  useEndSessionMutation,
  useGetSettingsQuery,
  useLazyGetSettingsQuery,
  useReplaceSettingsMutation,
  useGetOverviewQuery,
  useLazyGetOverviewQuery,
  useListStepTypesQuery,
  useLazyListStepTypesQuery,
  useListTemplatesQuery,
  useLazyListTemplatesQuery,
  useGetTemplateQuery,
  useLazyGetTemplateQuery,
  useGetUsageQuery,
  useLazyGetUsageQuery,
  useExportUsageQuery,
  useLazyExportUsageQuery,
  useValidateSourceMutation,
  useListWebhookEndpointsQuery,
  useLazyListWebhookEndpointsQuery,
  useCreateWebhookEndpointMutation,
  useDeleteWebhookEndpointMutation,
  useGetWebhookEndpointQuery,
  useLazyGetWebhookEndpointQuery,
  useReplaceWebhookEndpointMutation,
  useListEndpointDeliveriesQuery,
  useLazyListEndpointDeliveriesQuery,
  useReplayEndpointDeliveryMutation,
  useRenewWebhookEndpointSecretMutation,
  useTestWebhookEndpointMutation,
  useListWebhooksQuery,
  useLazyListWebhooksQuery,
  useListDeliveriesQuery,
  useLazyListDeliveriesQuery,
  useReplayDeliveryMutation,
  useMakeWebhookSecretMutation,
  useListWorkflowsQuery,
  useLazyListWorkflowsQuery,
  useCreateWorkflowMutation,
  useDeleteWorkflowMutation,
  useGetWorkflowQuery,
  useLazyGetWorkflowQuery,
  useReplaceWorkflowMutation,
  useExportWorkflowQuery,
  useLazyExportWorkflowQuery,
  useListWorkflowFailuresQuery,
  useLazyListWorkflowFailuresQuery,
  usePublishWorkflowMutation,
  useRestoreVersionMutation,
  useStartRunMutation,
  useGetWorkflowSharingQuery,
  useLazyGetWorkflowSharingQuery,
  useReplaceWorkflowSharingMutation,
  useListVersionsQuery,
  useLazyListVersionsQuery,
  useCompareVersionsQuery,
  useLazyCompareVersionsQuery,
  useGetVersionQuery,
  useLazyGetVersionQuery,
  useListWorkspacesQuery,
  useLazyListWorkspacesQuery,
  useCreateWorkspaceMutation,
  useCreateWorkspaceApiKeyMutation,
  useSwitchWorkspaceMutation,
} = injectedRtkApi;
