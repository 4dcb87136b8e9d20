{{/* The spec of a pod that runs one command and ends: for `list $ <login> "name" (list <words>)`. */}}
{{- define "dateline.oneCommand" -}}
{{- $root := index . 0 }}
{{- $login := index . 1 }}
{{- with $root }}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "dateline.podSecurity" . | nindent 2 }}
containers:
  - name: {{ index $ 2 }}
    image: {{ include "dateline.image" . | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args: {{ index $ 3 | toJson }}
    env: {{- include "dateline.env" (list . $login) | trim | nindent 6 }}
    resources:
      requests: {cpu: 100m, memory: 512Mi}
      limits: {memory: 1Gi}
    securityContext: {{- include "dateline.containerSecurity" . | nindent 6 }}
    volumeMounts: {{- include "dateline.mounts" . | trim | nindent 6 }}
volumes: {{- include "dateline.volumes" . | trim | nindent 2 }}
{{- with .Values.workload.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.workload.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
