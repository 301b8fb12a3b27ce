{{- define "flowloom.labels" -}}
app.kubernetes.io/part-of: flowloom
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "flowloom.selector" . }}
{{- end }}

{{- define "flowloom.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "flowloom.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := default .root.Chart.AppVersion $image.tag -}}
{{- $digest := get $image.digests .name -}}
{{ $image.registry }}/{{ .name }}:{{ $tag }}{{ if $digest }}@{{ $digest }}{{ end }}
{{- end }}

{{- define "flowloom.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "flowloom.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "flowloom.spread" -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "flowloom.selector" . | nindent 6 }}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- include "flowloom.selector" . | nindent 6 }}
{{- end }}

{{- define "flowloom.annotations" -}}
dapr.io/enabled: "true"
dapr.io/app-id: {{ .name }}
dapr.io/app-port: "8000"
dapr.io/config: {{ .name }}
dapr.io/api-token-secret: {{ .name }}-dapr-token
dapr.io/app-token-secret: {{ .name }}-app-token
dapr.io/max-body-size: 16Mi
dapr.io/read-buffer-size: 32Ki
dapr.io/log-as-json: "true"
dapr.io/enable-metrics: "true"
dapr.io/metrics-port: {{ .root.Values.metrics.daprPort | quote }}
dapr.io/graceful-shutdown-seconds: "20"
dapr.io/sidecar-read-only-root-filesystem: "true"
dapr.io/sidecar-drop-all-capabilities: "true"
dapr.io/sidecar-seccomp-profile-type: RuntimeDefault
{{- with .root.Values.dapr.sidecar }}
dapr.io/sidecar-cpu-request: {{ .requests.cpu | quote }}
dapr.io/sidecar-memory-request: {{ .requests.memory | quote }}
dapr.io/sidecar-memory-limit: {{ .limits.memory | quote }}
{{- end }}
{{- end }}

{{/* The pods of a service: the same for a Deployment and a StatefulSet. */}}
{{- define "flowloom.pod" -}}
metadata:
  labels: {{- include "flowloom.labels" . | nindent 4 }}
  annotations: {{- include "flowloom.annotations" . | nindent 4 }}
spec:
  serviceAccountName: {{ .name }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 60
  securityContext: {{- include "flowloom.podSecurity" 10001 | nindent 4 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints: {{- include "flowloom.spread" . | nindent 4 }}
  containers:
    - name: {{ .name }}
      image: {{ include "flowloom.image" . }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      securityContext: {{- include "flowloom.containerSecurity" . | nindent 8 }}
      ports: [{name: http, containerPort: 8000}]
      envFrom:
        - secretRef: {name: {{ .name }}}
        {{- if and .service.model .root.Values.model.secret }}
        - secretRef: {name: {{ .root.Values.model.secret }}}
        {{- end }}
      env: {{- include "flowloom.env" . | nindent 8 }}
      # A service that answers is alive even while what it needs is away; only a stuck one is ended.
      livenessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 23}
      readinessProbe: {httpGet: {path: /readyz, port: http}, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2}
      startupProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 2, failureThreshold: 60}
      resources:
        requests: {{- toYaml .service.requests | nindent 10 }}
        limits: {{- toYaml .service.limits | nindent 10 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: keys, mountPath: /run/keys, readOnly: true}
        {{- if .service.templates }}
        - {name: templates, mountPath: /templates, readOnly: true}
        {{- end }}
        {{- if and .root.Values.mcpPrograms.secret (has .name (list "gateway" "orchestrator")) }}
        - {name: mcp-programs, mountPath: /run/mcp, readOnly: true}
        {{- end }}
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: 1Gi}}
    - {name: keys, secret: {secretName: {{ .name }}-keys, defaultMode: 0440}}
    {{- if .service.templates }}
    - {name: templates, configMap: {name: workflow-templates}}
    {{- end }}
    {{- if and .root.Values.mcpPrograms.secret (has .name (list "gateway" "orchestrator")) }}
    - {name: mcp-programs, secret: {secretName: {{ .root.Values.mcpPrograms.secret }}, defaultMode: 0440}}
    {{- end }}
{{- end }}

{{- define "flowloom.env" -}}
- {name: FLOWLOOM_HOME, value: /tmp}
- {name: FLOWLOOM_KEYS_DIR, value: /run/keys}
# Only the monitoring namespace reaches it; see the network policies.
- {name: FLOWLOOM_METRICS_HOST, value: 0.0.0.0}
- {name: FLOWLOOM_METRICS_PORT, value: "9464"}
{{- if eq .name "orchestrator" }}
- {name: FLOWLOOM_ORCHESTRATOR_WORKER, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- end }}
{{- if hasPrefix "agent-" .name }}
- {name: FLOWLOOM_AGENT_INSTANCE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
{{- end }}
{{- if .service.model }}
- {name: FLOWLOOM_MODEL_BASE_URL, value: {{ required "model.baseUrl: which endpoint answers model calls?" .root.Values.model.baseUrl | quote }}}
- {name: FLOWLOOM_MODEL_NAME, value: {{ required "model.name: which model answers steps that name none?" .root.Values.model.name | quote }}}
- {name: FLOWLOOM_OUTBOUND_ALLOW, value: {{ join "," .root.Values.outboundAllow | quote }}}
- {name: FLOWLOOM_AGENT_WEB_ALLOW, value: {{ join "," .root.Values.agentWeb.allow | quote }}}
- {name: FLOWLOOM_AGENT_WEB_SEARCH_URL, value: {{ .root.Values.agentWeb.searchUrl | quote }}}
{{- end }}
{{- if and (eq .name "memory") .root.Values.rerank.url }}
- {name: FLOWLOOM_RERANK_URL, value: {{ .root.Values.rerank.url | quote }}}
- {name: FLOWLOOM_RERANK_MODEL, value: {{ .root.Values.rerank.model | quote }}}
- {name: FLOWLOOM_RERANK_SHAPE, value: {{ .root.Values.rerank.shape | quote }}}
{{- with .root.Values.rerank.secret }}
- {name: FLOWLOOM_RERANK_API_KEY, valueFrom: {secretKeyRef: {name: {{ . }}, key: FLOWLOOM_RERANK_API_KEY}}}
{{- end }}
{{- end }}
{{- if eq .name "gateway" }}
- {name: FLOWLOOM_GATEWAY_PUBLIC_URL, value: {{ printf "https://%s" (required "ingress.host: under which name do people reach the platform?" .root.Values.ingress.host) | quote }}}
- {name: FLOWLOOM_GATEWAY_TEMPLATES_DIR, value: /templates}
{{- end }}
{{- if and .root.Values.mcpPrograms.secret (has .name (list "gateway" "orchestrator")) }}
- {name: FLOWLOOM_MCP_FILE, value: /run/mcp/servers.json}
{{- end }}
{{- with .root.Values.otlpEndpoint }}
- {name: FLOWLOOM_OTLP_ENDPOINT, value: {{ . | quote }}}
{{- end }}
{{- range $name, $value := .service.env }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
