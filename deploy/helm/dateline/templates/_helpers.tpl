{{/* Names and labels. */}}

{{- define "dateline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dateline.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains (include "dateline.name" .) .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "dateline.name" .) | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "dateline.selectorLabels" -}}
app.kubernetes.io/name: {{ include "dateline.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dateline.workerLabels" -}}
{{ include "dateline.selectorLabels" . }}
app.kubernetes.io/component: worker
{{- end }}

{{- define "dateline.deskLabels" -}}
{{ include "dateline.selectorLabels" . }}
app.kubernetes.io/component: desk
{{- end }}

{{- define "dateline.labels" -}}
{{ include "dateline.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dateline.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "dateline.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "dateline.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* What the worker's code says: defaults, topics, rights. */}}

{{- define "dateline.contract" -}}
{{- .Files.Get "files/contract.yaml" }}
{{- end }}

{{/* A setting's value as JSON, in `dict "value" ...`: the one given, or else the worker's own default.
     Takes `list $ "name"`. */}}
{{- define "dateline.setting" -}}
{{- $root := first . }}
{{- $name := last . }}
{{- $defaults := (include "dateline.contract" $root | fromYaml).defaults }}
{{- dict "value" (get (hasKey $root.Values.settings $name | ternary $root.Values.settings $defaults) $name) | toJson }}
{{- end }}

{{- define "dateline.topicPrefix" -}}
{{- (include "dateline.setting" (list . "topic_prefix") | fromJson).value }}
{{- end }}

{{- define "dateline.group" -}}
{{- default (printf "%sdateline" (include "dateline.topicPrefix" .)) .Values.settings.group }}
{{- end }}

{{- define "dateline.outputs" -}}
{{- (include "dateline.setting" (list . "outputs") | fromJson).value | join "," }}
{{- end }}

{{- define "dateline.port" -}}
{{- (include "dateline.contract" . | fromYaml).defaults.web_port }}
{{- end }}

{{- define "dateline.deskPort" -}}
{{- (include "dateline.contract" . | fromYaml).deskPort }}
{{- end }}

{{/* A value as its variable has it: lists joined by commas, numbers without an exponent. */}}
{{- define "dateline.asText" -}}
{{- if kindIs "slice" . }}
{{- join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) }}
{{- int64 . }}
{{- else }}
{{- . }}
{{- end }}
{{- end }}

{{/* Secrets and certificates: their names, and where they are mounted. */}}

{{- define "dateline.usesSasl" -}}
{{- if hasPrefix "SASL" .Values.kafka.securityProtocol }}yes{{ end }}
{{- end }}

{{- define "dateline.usesTls" -}}
{{- if hasSuffix "SSL" .Values.kafka.securityProtocol }}yes{{ end }}
{{- end }}

{{- define "dateline.strimziUser" -}}
{{- if .Values.strimzi.user.create }}
{{- default (include "dateline.fullname" .) .Values.strimzi.user.name }}
{{- end }}
{{- end }}

{{/* `username`, `secret`, `passwordKey` by which the worker logs in. */}}
{{- define "dateline.login" -}}
{{- $user := include "dateline.strimziUser" . }}
username: {{ .Values.kafka.sasl.username | default $user | quote }}
secret: {{ .Values.kafka.sasl.secret | default $user | quote }}
passwordKey: {{ .Values.kafka.sasl.passwordKey | quote }}
{{- end }}

{{/* The same of the topics job. */}}
{{- define "dateline.operatorLogin" -}}
{{- if .Values.topicsJob.secret }}
username: {{ .Values.topicsJob.username | quote }}
secret: {{ .Values.topicsJob.secret | quote }}
passwordKey: {{ .Values.topicsJob.passwordKey | quote }}
{{- else }}
{{- include "dateline.login" . }}
{{- end }}
{{- end }}

{{/* The same of the desk. */}}
{{- define "dateline.deskLogin" -}}
{{- if .Values.desk.secret }}
username: {{ .Values.desk.username | quote }}
secret: {{ .Values.desk.secret | quote }}
passwordKey: {{ .Values.desk.passwordKey | quote }}
{{- else }}
{{- include "dateline.login" . }}
{{- end }}
{{- end }}

{{/* `secret` or `configMap`, and `key`, of the brokers' authorities; nothing where the image's own do. */}}
{{- define "dateline.ca" -}}
{{- if include "dateline.usesTls" . }}
{{- with .Values.kafka.tls.ca }}
{{- if .secret }}
secret: {{ .secret | quote }}
key: {{ .key | quote }}
{{- else if .configMap }}
configMap: {{ .configMap | quote }}
key: {{ .key | quote }}
{{- else if $.Values.strimzi.cluster }}
secret: {{ printf "%s-cluster-ca-cert" $.Values.strimzi.cluster | quote }}
key: ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* `secret`, `certKey`, `keyKey`, `keyPasswordKey` of the client's certificate; nothing without one. */}}
{{- define "dateline.certificate" -}}
{{- if include "dateline.usesTls" . }}
{{- if .Values.kafka.tls.certificate.secret }}
{{- toYaml .Values.kafka.tls.certificate }}
{{- else if and .Values.strimzi.user.create (eq .Values.strimzi.user.authentication "tls") }}
secret: {{ include "dateline.strimziUser" . | quote }}
certKey: user.crt
keyKey: user.key
keyPasswordKey: ""
{{- end }}
{{- end }}
{{- end }}

{{/* The container's variables, for `list $ <login>`. Passwords are variables and no files: a worker hides its
     environment from the processes that read articles, while these could read any file that it can. */}}
{{- define "dateline.env" -}}
{{- $root := first . }}
{{- $login := last . }}
{{- with $root.Values }}
- {name: DATELINE_BROKERS, value: {{ .kafka.brokers | quote }}}
- {name: DATELINE_SECURITY_PROTOCOL, value: {{ .kafka.securityProtocol }}}
{{- if include "dateline.usesSasl" $root }}
- {name: DATELINE_SASL_MECHANISM, value: {{ .kafka.sasl.mechanism }}}
- {name: DATELINE_SASL_USERNAME, value: {{ $login.username | quote }}}
- name: DATELINE_SASL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $login.secret }}, key: {{ $login.passwordKey }}}}
{{- end }}
{{- if include "dateline.usesTls" $root }}
{{- with include "dateline.ca" $root | fromYaml }}
- {name: DATELINE_SSL_CA, value: /etc/dateline/ca/{{ .key }}}
{{- end }}
{{- with include "dateline.certificate" $root | fromYaml }}
- {name: DATELINE_SSL_CERT, value: /etc/dateline/certificate/{{ .certKey }}}
- {name: DATELINE_SSL_KEY, value: /etc/dateline/certificate/{{ .keyKey }}}
{{- if .keyPasswordKey }}
- name: DATELINE_SSL_KEY_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .keyPasswordKey }}}}
{{- end }}
{{- end }}
- {name: DATELINE_SSL_CHECK_HOSTNAME, value: {{ .kafka.tls.checkHostname | quote }}}
{{- end }}
{{- range $name, $value := .settings }}
{{- if not (kindIs "invalid" $value) }}
- {name: DATELINE_{{ upper $name }}, value: {{ include "dateline.asText" $value | quote }}}
{{- end }}
{{- end }}
{{- with .extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The only directory that can be written to, and the certificates. */}}
{{- define "dateline.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if include "dateline.ca" . }}
- {name: ca, mountPath: /etc/dateline/ca, readOnly: true}
{{- end }}
{{- if include "dateline.certificate" . }}
- {name: certificate, mountPath: /etc/dateline/certificate, readOnly: true}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "dateline.volumes" -}}
# Each process writes a file of 65 MiB as it starts, and removes it.
- name: tmp
  emptyDir: {sizeLimit: {{ mul 128 (int .Values.settings.processes) }}Mi}
{{- with include "dateline.ca" . | fromYaml }}
- name: ca
  {{- if .secret }}
  secret:
    secretName: {{ .secret }}
    items: [{key: {{ .key }}, path: {{ .key }}}]
  {{- else }}
  configMap:
    name: {{ .configMap }}
    items: [{key: {{ .key }}, path: {{ .key }}}]
  {{- end }}
{{- end }}
{{- with include "dateline.certificate" . | fromYaml }}
- name: certificate
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items: [{key: {{ .certKey }}, path: {{ .certKey }}}, {key: {{ .keyKey }}, path: {{ .keyKey }}}]
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Who a pod runs as, and what it may: nobody's user, no rights, a file system that it only reads. */}}

{{- define "dateline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
# So that this group can read the mounted private key.
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "dateline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Memory in MiB and CPU by the number of processes, from docs/kubernetes.md#memory-and-cpu. The limit leaves
     every process the memory that an article may take: a process that takes more is ended by itself, but where the
     container's limit comes first the kernel ends the whole worker, and its successor meets the same article. The
     limit has what stories and trends take in the one worker that has them, too. */}}
{{- define "dateline.resources" -}}
{{- if .Values.resources }}
{{- toYaml .Values.resources }}
{{- else }}
{{- $processes := .Values.settings.processes | int }}
{{- $mib := 1048576 }}
{{- $article := div ((include "dateline.setting" (list . "article_memory_bytes") | fromJson).value | int64) $mib }}
{{- $inFlight := div ((include "dateline.setting" (list . "in_flight_bytes") | fromJson).value | int64) $mib }}
{{- /* 115 MiB for an article of the greatest length that is allowed by default, and as much more as may be longer. */}}
{{- $long := div (mul 115 ((include "dateline.setting" (list . "max_text_chars") | fromJson).value | int64)) 200000 }}
{{- $usual := add 240 (div (mul 5 $inFlight) 4) (mul $processes (add 430 $long)) }}
requests: {cpu: {{ $processes | quote }}, memory: {{ $usual }}Mi}
{{- $stories := ternary 800 0 (has "stories" (splitList "," (include "dateline.outputs" .))) }}
{{- $trends := ternary 600 0 (has "trends" (splitList "," (include "dateline.outputs" .))) }}
limits: {memory: {{ add $usual (mul $processes $article) $stories $trends }}Mi}
{{- end }}
{{- end }}

{{/* Memory of the desk, from docs/desk.md#how-it-bears-up: 286 MiB at most, with 50 viewers and 120,000 articles.
     The limit leaves the process that reads a dead letter what an article may take. */}}
{{- define "dateline.deskResources" -}}
{{- if .Values.desk.resources }}
{{- toYaml .Values.desk.resources }}
{{- else }}
{{- $article := div ((include "dateline.setting" (list . "article_memory_bytes") | fromJson).value | int64) 1048576 }}
requests: {cpu: 500m, memory: 320Mi}
limits: {memory: {{ add 320 $article }}Mi}
{{- end }}
{{- end }}
