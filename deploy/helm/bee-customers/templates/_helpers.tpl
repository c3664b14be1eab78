{{- define "customers.name" -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) }}
{{- $name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "customers.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "customers.labels" -}}
{{ include "customers.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "customers.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "customers.secret" -}}
{{ .Values.existingSecret | default (include "customers.name" .) }}
{{- end }}

{{- define "customers.account" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "customers.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* Files survive: they lie in a volume or in S3, and nowhere else. */}}
{{- define "customers.checked" -}}
{{- $storage := .Values.settings.STORAGE_URL | default "" }}
{{- if not (or .Values.persistence.enabled (hasPrefix "s3://" $storage)) }}
{{- fail "persistence.enabled is false: set settings.STORAGE_URL to s3://BUCKET/PREFIX, or files are lost with their pod" }}
{{- end }}
{{- if not (or .Values.existingSecret (and .Values.secrets.DATABASE_URL .Values.secrets.SECRET_KEY)) }}
{{- fail "set existingSecret, or secrets.DATABASE_URL and secrets.SECRET_KEY" }}
{{- end }}
{{- end }}

{{- define "customers.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "customers.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "customers.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "customers.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.persistence.enabled }}
- name: files
  mountPath: /srv/bee-customers/var
{{- end }}
{{- end }}

{{- define "customers.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
{{- if .Values.persistence.enabled }}
- name: files
  persistentVolumeClaim:
    claimName: {{ .Values.persistence.existingClaim | default (include "customers.name" .) }}
{{- end }}
{{- end }}

{{/* Pods start anew when what they read at their start has changed. */}}
{{- define "customers.checksum" -}}
{{ list .Values.settings .Values.secrets .Values.drainSeconds | toJson | sha256sum }}
{{- end }}

{{- define "customers.environment" -}}
- configMapRef:
    name: {{ include "customers.name" . }}
- secretRef:
    name: {{ include "customers.secret" . }}
{{- end }}

{{/* A pod that goes on: .root is the whole, .part its values, .component its name, .container what is its own. */}}
{{- define "customers.pod" -}}
metadata:
  labels:
    {{- include "customers.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
  annotations:
    checksum/settings: {{ include "customers.checksum" .root }}
    {{- with .part.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "customers.account" .root }}
  automountServiceAccountToken: false
  {{- include "customers.pullSecrets" .root | nindent 2 }}
  securityContext:
    {{- include "customers.podSecurity" .root | nindent 4 }}
  # SIGTERM is enough, without a preStop: the process itself goes on taking requests while it drains
  terminationGracePeriodSeconds: {{ add .root.Values.drainSeconds .root.Values.finishSeconds 5 }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "customers.selector" .root | nindent 10 }}
          app.kubernetes.io/component: {{ .component }}
  {{- with .part.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .part.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "customers.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      {{- .container | nindent 6 }}
      envFrom:
        {{- include "customers.environment" .root | nindent 8 }}
      resources:
        {{- toYaml .part.resources | nindent 8 }}
      securityContext:
        {{- include "customers.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        {{- include "customers.mounts" .root | nindent 8 }}
  volumes:
    {{- include "customers.volumes" .root | nindent 4 }}
{{- end }}
