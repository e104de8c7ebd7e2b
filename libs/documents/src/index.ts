export { FileTextExtractor, type FileTextExtractorOptions } from './file-text-extractor.js';
export { FileReportRenderer, type ReportRendererOptions } from './reports/file-report-renderer.js';
