{{/* The pod of a job: .root is the whole, .component its name, .args its command, .resources, .own whether it may use what the release itself makes. */}}
{{- define "customers.jobPod" -}}
metadata:
  labels:
    {{- include "customers.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if .own }}
  serviceAccountName: {{ include "customers.account" .root }}
  {{- end }}
  automountServiceAccountToken: false
  restartPolicy: Never
  {{- include "customers.pullSecrets" .root | nindent 2 }}
  securityContext:
    {{- include "customers.podSecurity" .root | nindent 4 }}
  # commands end after the batch that they are in
  terminationGracePeriodSeconds: 60
  containers:
    - name: {{ .component }}
      image: {{ include "customers.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      {{- if .own }}
      envFrom:
        {{- include "customers.environment" .root | nindent 8 }}
      {{- else }}
      env:
        {{- range $name, $value := .root.Values.settings }}
        - name: {{ $name }}
          value: {{ $value | quote }}
        {{- end }}
      envFrom:
        - secretRef:
            name: {{ .root.Values.existingSecret | default (printf "%s-migration" (include "customers.name" .root)) }}
      {{- end }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      securityContext:
        {{- include "customers.containerSecurity" .root | nindent 8 }}
      volumeMounts:
        {{- if .own }}
        {{- include "customers.mounts" .root | nindent 8 }}
        {{- else }}
        - name: tmp
          mountPath: /tmp
        {{- end }}
  volumes:
    {{- if .own }}
    {{- include "customers.volumes" .root | nindent 4 }}
    {{- else }}
    - name: tmp
      emptyDir:
        sizeLimit: 256Mi
    {{- end }}
{{- end }}
