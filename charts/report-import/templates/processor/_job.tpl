{{- /* What the operator needs to know to make Jobs: REPORT_IMPORT_JOB_*, REPORT_IMPORT_MEMORY*. */ -}}
{{- define "report-import.jobEnv" -}}
{{- $processor := .Values.processor -}}
{{- $settings := dict -}}
{{- range $name, $value := $processor.settings -}}
{{- $_ := set $settings (printf "REPORT_IMPORT_%s" ($name | snakecase | upper)) (include "report-import.text" $value) -}}
{{- end -}}
{{- $labels := merge (dict) $processor.podLabels -}}
{{- range $name, $value := include "report-import.componentLabels" (dict "root" . "component" "processor") | fromYaml -}}
{{- $_ := set $labels $name $value -}}
{{- end -}}
- name: REPORT_IMPORT_MEMORY
  value: {{ $processor.memory | quote }}
- name: REPORT_IMPORT_MEMORY_CAP
  value: {{ $processor.memoryCap | quote }}
- name: REPORT_IMPORT_JOB_CPU_REQUEST
  value: {{ $processor.cpuRequest | quote }}
- name: REPORT_IMPORT_JOB_CPU_LIMIT
  value: {{ $processor.cpuLimit | quote }}
- name: REPORT_IMPORT_JOB_TMP_SIZE
  value: {{ $processor.tmpSize | quote }}
- name: REPORT_IMPORT_JOB_TTL_SECONDS
  value: {{ include "report-import.text" $processor.jobTtlSeconds | quote }}
- name: REPORT_IMPORT_JOB_GRACE_SECONDS
  value: {{ include "report-import.text" $processor.graceSeconds | quote }}
- name: REPORT_IMPORT_JOB_IMAGE
  value: {{ include "report-import.image" . | quote }}
- name: REPORT_IMPORT_JOB_IMAGE_PULL_POLICY
  value: {{ .Values.image.pullPolicy | quote }}
- name: REPORT_IMPORT_JOB_IMAGE_PULL_SECRETS
  value: {{ .Values.image.pullSecrets | toJson | quote }}
- name: REPORT_IMPORT_JOB_COMMAND
  value: {{ list "python3" "-m" "report_processor.main" | toJson | quote }}
- name: REPORT_IMPORT_JOB_SERVICE_ACCOUNT
  value: {{ include "report-import.serviceAccount" (dict "root" . "component" "processor") | quote }}
- name: REPORT_IMPORT_JOB_STORAGE_SECRET
  value: {{ include "report-import.storageSecret" . | quote }}
- name: REPORT_IMPORT_JOB_ENV
  value: {{ $settings | toJson | quote }}
- name: REPORT_IMPORT_JOB_LABELS
  value: {{ $labels | toJson | quote }}
- name: REPORT_IMPORT_JOB_ANNOTATIONS
  value: {{ $processor.podAnnotations | toJson | quote }}
- name: REPORT_IMPORT_JOB_NODE_SELECTOR
  value: {{ $processor.nodeSelector | toJson | quote }}
- name: REPORT_IMPORT_JOB_TOLERATIONS
  value: {{ $processor.tolerations | toJson | quote }}
- name: REPORT_IMPORT_JOB_AFFINITY
  value: {{ $processor.affinity | toJson | quote }}
- name: REPORT_IMPORT_JOB_PRIORITY_CLASS
  value: {{ $processor.priorityClassName | quote }}
- name: REPORT_IMPORT_KUEUE_QUEUE
  value: {{ $processor.kueueQueue | quote }}
{{- end -}}
