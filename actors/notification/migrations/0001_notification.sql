-- Notification.
CREATE SCHEMA IF NOT EXISTS notification;
