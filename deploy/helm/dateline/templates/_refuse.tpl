{{/* Ends the rendering with every set of values that would not work, one line each, in the values' own names. */}}
{{- define "dateline.refuse" -}}
{{- $login := include "dateline.login" . | fromYaml }}
{{- $problems := list }}
{{- with .Values }}
{{- if not .kafka.brokers }}
{{- $problems = append $problems "kafka.brokers is empty; it takes host:port, several joined by commas" }}
{{- end }}
{{- if and (include "dateline.usesSasl" $) (not (and $login.username $login.secret)) }}
{{- $problems = append $problems (printf "kafka.securityProtocol: %s takes kafka.sasl.username and kafka.sasl.secret, the name of a Secret, or strimzi.user.create" .kafka.securityProtocol) }}
{{- end }}
{{- if not .settings.processes }}
{{- $problems = append $problems "settings.processes takes a number: a worker without one starts a process for each core of its node" }}
{{- end }}
{{- $outputs := splitList "," (include "dateline.outputs" $) }}
{{- if and (has "alerts" $outputs) (not (has "enriched" $outputs)) }}
{{- $problems = append $problems "settings.outputs takes enriched along with alerts, which are found there" }}
{{- end }}
{{- if and .kafka.tls.ca.secret .kafka.tls.ca.configMap }}
{{- $problems = append $problems "kafka.tls.ca.secret and kafka.tls.ca.configMap are both set; one is enough" }}
{{- end }}
{{- if and .topicsJob.enabled .strimzi.topics.create }}
{{- $problems = append $problems "topicsJob.enabled and strimzi.topics.create both make the topics; one is enough" }}
{{- end }}
{{- if and .topicsJob.secret (not .topicsJob.username) }}
{{- $problems = append $problems "topicsJob.secret takes topicsJob.username along with it" }}
{{- end }}
{{- if and .topicsJob.enabled .strimzi.user.create (or (not .topicsJob.secret) (eq .strimzi.user.authentication "tls")) }}
{{- $problems = append $problems "topicsJob.enabled has no login yet with strimzi.user.create: the job runs before the KafkaUser is made, whose rights make no topics; use strimzi.topics.create, or topicsJob.secret with a password" }}
{{- end }}
{{- if and .desk.enabled (not .desk.token.secret) }}
{{- $problems = append $problems "desk.enabled takes desk.token.secret, the name of a Secret with the token that visitors enter" }}
{{- end }}
{{- if and .desk.secret (not .desk.username) }}
{{- $problems = append $problems "desk.secret takes desk.username along with it" }}
{{- end }}
{{- if and .desk.enabled .strimzi.user.create (or (not .desk.secret) (eq .strimzi.user.authentication "tls")) }}
{{- $problems = append $problems "desk.enabled takes another login than strimzi.user.create makes, whose rights read no stories, alerts or dead letters; use desk.secret with a password" }}
{{- end }}
{{- if and (or .strimzi.topics.create .strimzi.user.create) (not .strimzi.cluster) }}
{{- $problems = append $problems "strimzi.topics.create and strimzi.user.create take strimzi.cluster, the name of the Kafka resource" }}
{{- end }}
{{- if and .strimzi.user.create (eq .strimzi.user.authentication "scram-sha-512") (not (and (include "dateline.usesSasl" $) (eq .kafka.sasl.mechanism "SCRAM-SHA-512"))) }}
{{- $problems = append $problems "strimzi.user.authentication: scram-sha-512 takes kafka.securityProtocol: SASL_SSL (or SASL_PLAINTEXT) and kafka.sasl.mechanism: SCRAM-SHA-512" }}
{{- end }}
{{- if and .strimzi.user.create (eq .strimzi.user.authentication "tls") (ne .kafka.securityProtocol "SSL") }}
{{- $problems = append $problems "strimzi.user.authentication: tls takes kafka.securityProtocol: SSL" }}
{{- end }}
{{- if and .autoscaling.enabled (eq .autoscaling.trigger "prometheus") }}
{{- if not .autoscaling.prometheus.serverAddress }}
{{- $problems = append $problems "autoscaling.trigger: prometheus takes autoscaling.prometheus.serverAddress" }}
{{- end }}
{{- if lt (int .autoscaling.minReplicas) 1 }}
{{- $problems = append $problems "autoscaling.minReplicas: 0 takes autoscaling.trigger: kafka; without a worker nobody tells Prometheus the lag" }}
{{- end }}
{{- end }}
{{- if and .autoscaling.enabled (gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) }}
{{- $problems = append $problems (printf "autoscaling.minReplicas: %d takes autoscaling.maxReplicas of as much or more" (int .autoscaling.minReplicas)) }}
{{- end }}
{{- $alerts := list }}
{{- range ($.Files.Get "files/alerts.yaml" | fromYaml).groups }}
{{- range .rules }}
{{- $alerts = append $alerts .alert }}
{{- end }}
{{- end }}
{{- range .monitoring.rulesOff }}
{{- if not (has . $alerts) }}
{{- $problems = append $problems (printf "monitoring.rulesOff: %s is no alert of files/alerts.yaml" .) }}
{{- end }}
{{- end }}
{{- $topics := list }}
{{- range (include "dateline.contract" $ | fromYaml).topics }}
{{- $topics = append $topics .name }}
{{- end }}
{{- range $topic, $config := .strimzi.topics.config }}
{{- if not (has $topic $topics) }}
{{- $problems = append $problems (printf "strimzi.topics.config: %s is no topic of the contract; names go without settings.topic_prefix, such as articles.raw.v1" $topic) }}
{{- end }}
{{- end }}
{{- end }}
{{- if $problems }}
{{- fail (printf "\n%s" (join "\n" $problems)) }}
{{- end }}
{{- end }}
