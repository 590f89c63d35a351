{{- /* Name of everything that the release makes, such as "reports" or "reports-report-import". */ -}}
{{- define "report-import.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Labels of every object. */ -}}
{{- define "report-import.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- /* Labels that find the pods of one component: (dict "root" $ "component" "api"). They never change. */ -}}
{{- define "report-import.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /* Labels of the objects of one component. */ -}}
{{- define "report-import.componentLabels" -}}
{{ include "report-import.labels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- /* Name of the ServiceAccount of one component. */ -}}
{{- define "report-import.serviceAccount" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- $account.name | default (printf "%s-%s" (include "report-import.fullname" .root) .component) -}}
{{- end -}}

{{- define "report-import.image" -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}

{{- /* host:port of object storage. */ -}}
{{- define "report-import.storageEndpoint" -}}
{{- if .Values.storage.endpoint -}}
{{- .Values.storage.endpoint -}}
{{- else if .Values.minio.enabled -}}
{{- printf "%s-minio.%s.svc:9000" (include "report-import.fullname" .) .Release.Namespace -}}
{{- else -}}
{{- fail "storage.endpoint is empty: give the host:port of an S3-compatible service, or set minio.enabled=true to try things out" -}}
{{- end -}}
{{- end -}}

{{- define "report-import.storageSecret" -}}
{{- .Values.storage.existingSecret | default (printf "%s-storage" (include "report-import.fullname" .)) -}}
{{- end -}}

{{- define "report-import.keysSecret" -}}
{{- .Values.api.keys.existingSecret | default (printf "%s-keys" (include "report-import.fullname" .)) -}}
{{- end -}}

{{- /* Public address of the API, from which all links are made. */ -}}
{{- define "report-import.baseUrl" -}}
{{- if .Values.api.baseUrl -}}
{{- .Values.api.baseUrl | trimSuffix "/" -}}
{{- else if and .Values.api.ingress.enabled .Values.api.ingress.host -}}
{{- printf "%s://%s" (ternary "https" "http" (not (empty .Values.api.ingress.tlsSecret))) .Values.api.ingress.host -}}
{{- else -}}
{{- $port := .Values.api.service.port | int -}}
{{- printf "http://%s-api.%s.svc%s" (include "report-import.fullname" .) .Release.Namespace (ternary "" (printf ":%d" $port) (eq $port 80)) -}}
{{- end -}}
{{- end -}}

{{- /* A value as text. Helm reads every number as floating point, and would write 10737418240 as 1.073741824e+10. */ -}}
{{- define "report-import.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- else if kindIs "slice" . -}}{{ toJson . }}
{{- else if kindIs "map" . -}}{{ toJson . }}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{- /* A map of settings as environment variables: maxFiles: 5 becomes REPORT_IMPORT_MAX_FILES=5. */ -}}
{{- define "report-import.settings" -}}
{{- range $name, $value := . }}
- name: REPORT_IMPORT_{{ $name | snakecase | upper }}
  value: {{ include "report-import.text" $value | quote }}
{{- end }}
{{- end -}}

{{- /* How to reach object storage, for every component. */ -}}
{{- define "report-import.storageEnv" -}}
- name: REPORT_IMPORT_S3_ENDPOINT
  value: {{ include "report-import.storageEndpoint" . | quote }}
- name: REPORT_IMPORT_S3_SECURE
  value: {{ .Values.storage.secure | quote }}
- name: REPORT_IMPORT_S3_BUCKET
  value: {{ .Values.storage.bucket | quote }}
- name: REPORT_IMPORT_S3_REGION
  value: {{ .Values.storage.region | quote }}
{{- range $name, $value := .Values.storage.settings }}
- name: REPORT_IMPORT_S3_{{ $name | snakecase | upper }}
  value: {{ include "report-import.text" $value | quote }}
{{- end }}
- name: REPORT_IMPORT_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "report-import.storageSecret" . }}
      key: access-key
- name: REPORT_IMPORT_S3_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ include "report-import.storageSecret" . }}
      key: secret-key
{{- end -}}

{{- /* "Restricted" pod security, of the pod and of its container. */ -}}
{{- define "report-import.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "report-import.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* Where a pod may run: (dict "root" $ "component" "api"). */ -}}
{{- define "report-import.placement" -}}
{{- $values := index .root.Values .component -}}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* ServiceAccount of one component. */ -}}
{{- define "report-import.account" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- if $account.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "report-import.serviceAccount" . }}
  labels:
    {{- include "report-import.componentLabels" . | nindent 4 }}
  {{- with $account.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- /* Give a component one of its Roles: (dict "root" $ "component" "api" "role" "imports"). */ -}}
{{- define "report-import.binding" -}}
{{- $name := printf "%s-%s-%s" (include "report-import.fullname" .root) .component .role -}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "report-import.componentLabels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "report-import.serviceAccount" . }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}
